"""JupyterLab for the course: one server a checkout, on loopback, quiet, apart from the user's own Jupyter.

    server = LabServer.here()
    running = server.running()             # Running(pid, port, token) or None
    with server.start(port=8888) as process:
        print(server.running().url)
        process.wait()
    server.stop()                          # from anywhere

Configuration, runtime files and history live in the state folder: neither a user-level kernel named `python3`
nor a user's settings decide what a notebook runs on, and the course leaves nothing of its own elsewhere.
"""

import contextlib
import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import filelock
import httpx
import psutil

from streamlab import lab_settings
from streamlab.errors import StreamlabError
from streamlab.paths import PROJECT, state_folder

START_PAGE = "notebooks/start.ipynb"
FIRST_PORT = 8888
START_SECONDS = 90.0
STOP_SECONDS = 15.0


@dataclass(frozen=True)
class Running:
    """A JupyterLab that answers; `created` tells its process from a later one with the same id."""

    pid: int
    created: float
    port: int
    token: str

    @property
    def address(self) -> str:
        """Where the server answers, without the token."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        """What to open in a browser: the start page, with the token that lets you in."""
        page = f"/lab/tree/{START_PAGE}" if (PROJECT / START_PAGE).exists() else "/lab"
        return f"{self.address}{page}?token={self.token}"

    def process(self) -> psutil.Process | None:
        """The server's process, if it still is that one."""
        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.created) < 1.0
            return process if same and process.status() != psutil.STATUS_ZOMBIE else None
        except psutil.NoSuchProcess:
            return None

    def answers(self) -> bool:
        """Whether it is a JupyterLab that knows our token."""
        try:
            # No proxy of the environment may come between: this is loopback.
            with httpx.Client(trust_env=False, timeout=2.0) as client:
                reply = client.get(
                    f"{self.address}/api/status", headers={"Authorization": f"token {self.token}"}
                )
        except httpx.HTTPError:
            return False
        return reply.status_code == httpx.codes.OK


class LabServer:
    """The JupyterLab of one state folder; serves the notebooks below `root`."""

    def __init__(self, state: Path, root: Path = PROJECT) -> None:
        self.root = root
        self.folder = state / "jupyter"
        self.log = state / "logs" / "jupyterlab.log"
        self._record = self.folder / "server.json"
        self._lock = filelock.FileLock(self.folder / "server.lock")

    @classmethod
    def here(cls) -> "LabServer":
        """The server of this checkout, or of `STREAMLAB_HOME`."""
        return cls(state_folder().resolve())

    def running(self) -> Running | None:
        """The server that runs now, if there is one."""
        try:
            record = Running(**json.loads(self._record.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None
        return record if record.process() and record.answers() else None

    @contextlib.contextmanager
    def start(self, port: int = FIRST_PORT) -> Iterator[subprocess.Popen[bytes]]:
        """Start the server, wait until it answers, and stop it at the end of the block.

        Raises:
            AlreadyStarting: another `streamlab lab` has the turn.
            StreamlabError: JupyterLab ended before it answered; says why.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        self.log.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._lock.acquire(blocking=False)
        except filelock.Timeout:
            raise AlreadyStarting from None
        try:
            token = secrets.token_urlsafe(24)
            lab_settings.write(self.folder / "config", port, self.root)
            with self.log.open("wb") as log:
                process = subprocess.Popen(
                    [sys.executable, "-m", "jupyterlab"],
                    cwd=self.root,
                    env=self._environment(token),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,  # Ctrl-C is for us: we stop it in order, with its kernels
                )
            try:
                self._wait_until_it_answers(process, token)
                yield process
            finally:
                _end(psutil.Process(process.pid) if process.poll() is None else None)
                process.wait()
                self._record.unlink(missing_ok=True)
        finally:
            self._lock.release()

    def stop(self) -> bool:
        """Stop the server, whoever started it; says whether one was running."""
        running = self.running()
        if running is None:
            return False
        _end(running.process())
        return True

    def reason(self) -> str:
        """What JupyterLab's log gives as the reason of its end, in one line."""
        try:
            lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return "it left no log"
        told = [line.strip() for line in lines if line.strip()]
        serious = [line for line in told if line.startswith(("[C ", "[E ")) or "Error" in line.split(":")[0]]
        return (serious or told or ["it printed nothing"])[-1][:300]

    def _wait_until_it_answers(self, process: subprocess.Popen[bytes], token: str) -> None:
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            if process.poll() is not None:
                raise StreamlabError(
                    f"JupyterLab ended while it started: {self.reason()}.", f"The whole log: {self.log}"
                )
            if running := self._look(process.pid, token):
                self._record.touch(mode=0o600)
                self._record.write_text(json.dumps(asdict(running)), encoding="utf-8")
                return
            time.sleep(0.1)
        raise StreamlabError(
            f"JupyterLab did not answer within {START_SECONDS:.0f} s.", f"Its log: {self.log}"
        )

    def _look(self, pid: int, token: str) -> Running | None:
        """The server as its own runtime file gives it: the port may not be the one we asked for."""
        try:
            facts = json.loads((self.folder / "runtime" / f"jpserver-{pid}.json").read_text(encoding="utf-8"))
            running = Running(pid, psutil.Process(pid).create_time(), int(facts["port"]), token)
        except (OSError, ValueError, KeyError, psutil.NoSuchProcess):
            return None
        return running if running.answers() else None

    def _environment(self, token: str) -> dict[str, str]:
        mine = {
            "JUPYTER_CONFIG_DIR": str(self.folder / "config"),
            "JUPYTER_DATA_DIR": str(self.folder / "data"),
            "JUPYTER_RUNTIME_DIR": str(self.folder / "runtime"),
            "JUPYTER_PREFER_ENV_PATH": "1",
            "JUPYTER_TOKEN": token,  # in the environment, because command lines are everybody's to read
            "IPYTHONDIR": str(self.folder / "ipython"),
            "MPLCONFIGDIR": str(self.folder / "matplotlib"),
            # Jupyter's terminals, and `!streamlab` in a cell.
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]),
        }
        foreign = ("JUPYTER_PATH", "JUPYTER_CONFIG_PATH", "JUPYTERLAB_DIR", "PYTHONPATH", "PYTHONHOME")
        return {name: value for name, value in os.environ.items() if name not in foreign} | mine


class AlreadyStarting(Exception):
    """Another process holds this checkout's JupyterLab."""


def _end(process: psutil.Process | None) -> None:
    """Ask the server to stop its kernels and itself; insist if it does not, or if one more Ctrl-C comes."""
    if process is None:
        return
    try:
        family = [process, *process.children(recursive=True)]
        process.terminate()
    except psutil.NoSuchProcess:
        return
    stubborn = family
    try:
        _, stubborn = psutil.wait_procs(family, timeout=STOP_SECONDS)
    finally:
        for one in stubborn:
            with contextlib.suppress(psutil.NoSuchProcess):
                one.kill()
