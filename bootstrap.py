"""Makes .venv with exactly the packages of the lock: `python3 bootstrap.py`, or `make lab`, which calls it.

The door only: any Python that a machine may have must be able to read it, so that one that is too old is told
so in a sentence. The work is in streamlab/setup/, which uses the standard library alone.

    python3 bootstrap.py              the course (requirements.lock)
    python3 bootstrap.py --dev        the course and its tests (requirements-dev.lock)
"""

import sys


def main():
    # type: () -> int
    """Set up, or refuse an old Python; Python 2.7 reads this too, hence the plain syntax."""
    if sys.version_info < (3, 11):  # noqa: UP036 (the check itself)
        version = ".".join(str(number) for number in sys.version_info[:2])
        sys.stderr.write("This is Python " + version + ", and the course needs Python 3.11 or newer: ")
        sys.stderr.write("install one, then name it, for instance `make lab PYTHON=python3.13`.\n")
        return 1
    from streamlab.setup.main import main as set_up

    return set_up()


if __name__ == "__main__":
    sys.exit(main())
