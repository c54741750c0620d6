"""Start a program, wait for it, and write down its highest resident memory.

    python -I -S benchmarks/launcher.py peak.txt python run.py ...

What the system reports of a child includes what its parent held when it started it. So the parent must hold
little: hence this program, which imports nothing but the system's own modules.
"""

import os
import sys


def main() -> None:
    """Arguments: the file for the number of bytes, then the command."""
    peak_file, command = sys.argv[1], sys.argv[2:]
    process = os.posix_spawn(command[0], command, os.environ)
    _, status, usage = os.wait4(process, 0)
    unit = 1 if sys.platform == "darwin" else 1024
    with open(peak_file, "w", encoding="ascii") as file:  # noqa: PTH123 - pathlib would take memory
        file.write(str(usage.ru_maxrss * unit))
    code = os.waitstatus_to_exitcode(status)
    sys.exit(code if code >= 0 else 128 - code)


if __name__ == "__main__":
    main()
