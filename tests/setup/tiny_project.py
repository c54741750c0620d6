"""A project small enough to be set up in seconds: one wheel in its lock, a build backend of its own.

    project = TinyProject(folder)
    project.set_up()                                    # a whole `python bootstrap.py`, as a process
    project.set_up(PIP_INDEX_URL=NOWHERE)               # with another index
    process = project.start()                           # to be killed

Nothing leaves the machine: the index is a folder, or a server on loopback.
"""

import base64
import contextlib
import hashlib
import http.server
import os
import subprocess
import sys
import threading
import zipfile
from pathlib import Path

from streamlab.paths import PROJECT

#: The discard port of loopback: refused at once, as with the network cable out.
NOWHERE = "http://127.0.0.1:9/simple"

_BACKEND = '''
"""Builds the tiny project's editable wheel; waits while a file named `stall` is there."""
import pathlib, time, zipfile

def build_editable(folder, config_settings=None, metadata_directory=None):
    pathlib.Path("building").touch()
    while pathlib.Path("stall").exists():
        time.sleep(0.05)
    name = "tinyproject-1.0-py3-none-any.whl"
    with zipfile.ZipFile(pathlib.Path(folder) / name, "w") as wheel:
        wheel.writestr("tinyproject.pth", str(pathlib.Path.cwd()))
        info = "tinyproject-1.0.dist-info/"
        wheel.writestr(info + "METADATA", "Metadata-Version: 2.1\\nName: tinyproject\\nVersion: 1.0\\n")
        wheel.writestr(info + "WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr(info + "RECORD", "")
    return name
'''
_PYPROJECT = """
[build-system]
requires = []
build-backend = "tiny_backend"
backend-path = ["."]

[project]
name = "tinyproject"
version = "1.0"
"""


class TinyProject:
    """A checkout with a lock of one package, its package index, and its user's cache of downloads."""

    def __init__(self, folder: Path, index: Path, cache: Path) -> None:
        self.folder = folder
        self.index = index
        self.cache = cache
        self.lock = folder / "requirements.lock"
        self.environment = folder / ".venv"
        for place in (folder, index, cache):
            place.mkdir(parents=True, exist_ok=True)
        (folder / "pyproject.toml").write_text(_PYPROJECT)
        (folder / "tiny_backend.py").write_text(_BACKEND)
        self.ask_for("tiny")

    def ask_for(self, *packages: str, payload_bytes: int = 10) -> None:
        """Write a lock of these packages and put their wheels into the index."""
        wheels = {name: write_wheel(self.index, name, payload_bytes) for name in packages}
        self.lock.write_text(
            "# a comment\n"
            + "".join(
                f"{name}==1.0 \\\n    --hash=sha256:{digest(wheel)}\n" for name, wheel in wheels.items()
            )
        )

    def start(self, **changes: str) -> "subprocess.Popen[str]":
        """Start the setup; `changes` go into its environment variables ("" removes one)."""
        return subprocess.Popen(
            self.command(),
            env=self.variables(changes),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def set_up(self, **changes: str) -> "subprocess.CompletedProcess[str]":
        """Run the setup to its end."""
        return subprocess.run(
            self.command(),
            env=self.variables(changes),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def command(self) -> list[str]:
        """The command line of the setup."""
        script = str(PROJECT / "bootstrap.py")
        return [sys.executable, script, "--project", str(self.folder), "--lock", str(self.lock)]

    def variables(self, changes: dict[str, str]) -> dict[str, str]:
        """This machine's environment without its own pip settings, with the folder as the only index."""
        mine = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
        mine |= {
            "STREAMLAB_CACHE": str(self.cache),
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(self.index),
            "PIP_RETRIES": "1",
            **changes,
        }
        return {name: value for name, value in mine.items() if value}

    def imports(self, module: str) -> bool:
        """Whether .venv's Python can import the module."""
        python = self.environment / "bin" / "python"
        return (
            subprocess.run(
                [str(python), "-c", f"import {module}"], check=False, capture_output=True
            ).returncode
            == 0
        )

    def leftovers(self) -> list[str]:
        """What a setup that ended must not have left: a .venv, set-aside folders, unfinished downloads."""
        suspects = [self.environment, *(self.folder / ".streamlab" / "setup").glob("*/")]
        suspects += [path for path in self.cache.rglob("unfinished") if path.exists()]
        return [str(path) for path in suspects if path.exists()]


class StallingIndex:
    """A package index on loopback that shows its wheels and then keeps whoever fetches one waiting."""

    def __init__(self, wheels: Path) -> None:
        self.asked = threading.Event()
        self.go_on = threading.Event()
        stall = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                name = self.path.rstrip("/").rsplit("/", 1)[-1]
                if name.endswith(".whl"):
                    stall.asked.set()
                    stall.go_on.wait(60)
                    body, kind = (wheels / name).read_bytes(), "application/zip"
                else:
                    links = "".join(f'<a href="/{w.name}">{w.name}</a>' for w in wheels.glob(f"{name}-*.whl"))
                    body, kind = f"<!DOCTYPE html><html><body>{links}</body></html>".encode(), "text/html"
                self.send_response(200)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Quiet."""

            def handle(self) -> None:
                with contextlib.suppress(ConnectionError):  # whoever asked was killed: that is the test
                    super().handle()

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        self.settings = {
            "PIP_INDEX_URL": f"http://127.0.0.1:{self._server.server_port}/simple",
            "PIP_NO_INDEX": "",
            "PIP_FIND_LINKS": "",
        }

    def close(self) -> None:
        """Let everybody go and stop."""
        self.go_on.set()
        self._server.shutdown()
        self._server.server_close()


def write_wheel(index: Path, name: str, payload_bytes: int) -> Path:
    """A wheel of one module and a payload of zeros: small in the index, large when installed."""
    wheel = index / f"{name}-1.0-py3-none-any.whl"
    info = f"{name}-1.0.dist-info"
    files = {
        f"{name}.py": b"",
        f"{name}_payload.bin": bytes(payload_bytes),
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n".encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(
        f"{path},sha256={base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b'=').decode()},{len(data)}\n"
        for path, data in files.items()
    )
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in {**files, f"{info}/RECORD": (record + f"{info}/RECORD,,\n").encode()}.items():
            archive.writestr(zipfile.ZipInfo(path), data, zipfile.ZIP_DEFLATED)
    return wheel


def digest(path: Path) -> str:
    """The file's sha256."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
