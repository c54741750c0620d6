"""What `make clean` removes: all that can be made again, nothing that a learner wrote.

    clean(project, say)

Removed: .venv, the stack's data and logs, tools' caches. Kept: labs/ with its dated copies, progress, the
settings made in JupyterLab, and the downloads, which other checkouts of the user share.
"""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from streamlab.errors import StreamlabError
from streamlab.setup.environment import Environment
from streamlab.setup.turns import turn
from streamlab.setup.wheels import user_cache_folder

#: Below the state folder; what is not named here is a learner's.
STACK_FOLDERS = ("data", "logs", "run")
TOOL_CACHES = (".mypy_cache", ".pytest_cache", ".ruff_cache", ".hypothesis", "test-artifacts")


def clean(project: Path, say: Callable[[str], None]) -> None:
    """Stop what runs from this checkout, then remove what can be made again, naming each.

    Raises:
        StreamlabError: the stack or JupyterLab cannot be stopped; nothing was removed.
    """
    environment = Environment(project)
    waiting = "A setup of this folder is at work: waiting for it."
    with turn(environment.workshop / "lock", on_wait=lambda: say(waiting)):
        _clean(environment, say)


def _clean(environment: Environment, say: Callable[[str], None]) -> None:
    environment.refuse_a_stranger()
    environment.recover()
    project = environment.project
    state = Path(os.environ.get("STREAMLAB_HOME") or project / ".streamlab")
    command = environment.python.with_name("streamlab")
    if command.exists():
        for arguments in (("lab", "--stop"), ("down",)):
            _stop(command, arguments)
    if environment.folder.exists():
        size_mb = _size_mb(environment.folder)
        environment.remove()
        say(f"removed {environment.folder} ({size_mb:.0f} MB)")
    for folder in [state / name for name in STACK_FOLDERS] + [project / name for name in TOOL_CACHES]:
        if folder.exists():
            size_mb = _size_mb(folder)
            shutil.rmtree(folder)
            say(f"removed {folder} ({size_mb:.0f} MB)")
    # Without data there is no registry whose ids it would have to remember.
    (state / "stack.json").unlink(missing_ok=True)
    say(f"kept    {project / 'labs'} and your progress in {state}")
    downloads = user_cache_folder()
    if downloads.exists():
        say(f"kept    {downloads} ({_size_mb(downloads):.0f} MB of downloads, shared by all your checkouts)")


def _stop(command: Path, arguments: tuple[str, ...]) -> None:
    done = subprocess.run([str(command), *arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        said = (done.stderr.strip() or done.stdout.strip() or "no reason given").splitlines()[-1]
        raise StreamlabError(
            f"`streamlab {' '.join(arguments)}` failed, so nothing was removed: {said}",
            "Mend that and run `make clean` again, or delete .venv by hand.",
        )


def _size_mb(folder: Path) -> float:
    return sum(path.lstat().st_size for path in folder.rglob("*") if not path.is_dir()) / 1e6
