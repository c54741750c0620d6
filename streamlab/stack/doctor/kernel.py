"""Examination of the notebooks' kernel: the one named python3 runs the Python that has the course.

kernel(backend)       # Finding("kernel", "ok", "python3 runs this Python, with ipykernel 7.1.0")

Every notebook of the course asks for `python3`. A kernel of that name from elsewhere (JUPYTER_PATH, a folder
of the user) can come first for editors and for your own Jupyter, and then a lesson's first import fails.
`make lab` is not affected: it looks nowhere else.
"""

import subprocess
import sys
from pathlib import Path
from typing import Final

from streamlab.stack.doctor.finding import Backend, Said, examination, ok, wrong

NAME: Final = "python3"
ASK_SECONDS: Final = 10.0

_QUESTION: Final = "import sys, ipykernel; print(sys.prefix); print(ipykernel.__version__)"


@examination("kernel")
def kernel(_backend: Backend) -> Said:
    """The kernel that notebooks ask for is this Python's, and starts what a kernel needs."""
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    try:
        spec = KernelSpecManager().get_kernel_spec(NAME)
    except (NoSuchKernel, OSError, ValueError) as error:
        return wrong(f"there is no usable kernel {NAME} ({type(error).__name__}: {error})", "Run `make lab`.")
    where = spec.resource_dir
    elsewhere = f"Remove {where} (or unset JUPYTER_PATH and JUPYTER_DATA_DIR); `make lab` is not affected."
    if not spec.argv:
        return wrong(f"the kernel {NAME} in {where} names no program", elsewhere)
    program = _resolved(spec.argv[0])
    try:
        done = subprocess.run(
            [program, "-c", _QUESTION],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=ASK_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return wrong(f"the kernel {NAME} in {where} does not start ({type(error).__name__})", elsewhere)
    if done.returncode != 0:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        help_ = "Run `make lab`." if program == sys.executable else elsewhere
        return wrong(f"ipykernel cannot be imported by {program} ({reason})", help_)
    prefix, version = (*done.stdout.split("\n"), "")[:2]
    # Not the programs: those of two environments can be links to one file.
    if Path(prefix).resolve() != Path(sys.prefix).resolve():
        return wrong(f"{NAME} runs the Python of {prefix}, and the course is in {sys.prefix}", elsewhere)
    return ok(f"{NAME} runs this Python, with ipykernel {version}")


def _resolved(program: str) -> str:
    """As Jupyter does it: a bare `python` stands for the Python that Jupyter itself runs on."""
    major, minor = sys.version_info[:2]
    return sys.executable if program in {"python", f"python{major}", f"python{major}.{minor}"} else program
