"""A process is known by pid, creation time and mark; a pid alone proves nothing."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from streamlab.stack import processes

SLEEP = "import time; time.sleep(60)"
DEAF = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); {SLEEP}"


@pytest.fixture
def mark(tmp_path: Path) -> Iterator[str]:
    """A mark that only this test's processes carry; they are ended afterwards."""
    mark = f"@{tmp_path}/broker.args"
    yield mark
    processes.stop(processes.marked(mark), grace_seconds=0.1)


def start(mark: str, folder: Path, program: str = SLEEP) -> processes.Identity:
    return processes.start([sys.executable, "-c", program, mark], folder, folder / "console")


def test_a_started_process_is_found_and_leads_a_session_of_its_own(mark: str, tmp_path: Path) -> None:
    identity = start(mark, tmp_path)
    found = processes.find(identity, mark)
    assert found is not None
    assert found.pid == identity.pid
    assert os.getsid(identity.pid) == identity.pid != os.getsid(0)


def test_a_reused_pid_is_not_taken_for_the_process_that_had_it(mark: str, tmp_path: Path) -> None:
    identity = start(mark, tmp_path)
    somebody = psutil.Process()
    assert processes.find(processes.Identity(somebody.pid, somebody.create_time()), mark) is None
    assert processes.find(identity, mark) is not None


def test_a_process_is_known_by_its_mark_though_the_clock_was_set_since_it_began(
    mark: str, tmp_path: Path
) -> None:
    identity = start(mark, tmp_path)
    while not psutil.Process(identity.pid).cmdline():
        time.sleep(0.01)
    assert processes.find(replace(identity, created=identity.created - 3_600), mark) is not None


def test_a_process_without_the_mark_is_somebody_elses(mark: str, tmp_path: Path) -> None:
    identity = start(mark, tmp_path)
    assert processes.find(identity, mark + ".other") is None


def test_a_process_whose_command_line_is_not_there_yet_is_found(
    mark: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    identity = start(mark, tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(psutil.Process, "cmdline", lambda _: [])
        assert processes.find(identity, mark) is not None
        assert processes.find(replace(identity, created=identity.created - 60), mark) is None


def test_a_dead_process_is_not_found_even_while_its_parent_has_not_looked(mark: str, tmp_path: Path) -> None:
    identity = start(mark, tmp_path)
    os.kill(identity.pid, signal.SIGKILL)
    psutil.wait_procs([psutil.Process(identity.pid)], timeout=5)
    assert processes.find(identity, mark) is None
    assert processes.marked(mark) == []


def test_a_process_that_no_record_knows_is_found_by_its_mark(mark: str, tmp_path: Path) -> None:
    identity = start(mark, tmp_path)
    assert [process.pid for process in processes.marked(mark)] == [identity.pid]


def test_a_process_that_ignores_sigterm_is_ended(mark: str, tmp_path: Path) -> None:
    start(mark, tmp_path, DEAF)
    while "deaf" not in (tmp_path / "console").read_text():
        pass
    processes.stop(processes.marked(mark), grace_seconds=0.2)
    assert processes.marked(mark) == []


def test_a_frozen_process_is_ended(mark: str, tmp_path: Path) -> None:
    identity = start(mark, tmp_path)
    os.kill(identity.pid, signal.SIGSTOP)
    processes.stop(processes.marked(mark))
    assert processes.marked(mark) == []


def test_the_persons_own_settings_of_java_and_python_do_not_reach_our_servers(
    mark: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("JAVA_TOOL_OPTIONS", "CLASSPATH", "QUARKUS_HTTP_HOST", "KAFKA_OPTS", "PYTHONWARNINGS"):
        monkeypatch.setenv(name, "theirs")
    identity = start(mark, tmp_path)
    assert "theirs" not in psutil.Process(identity.pid).environ().values()


def test_the_child_of_a_process_belongs_to_it(mark: str, tmp_path: Path) -> None:
    """On Windows the `python` of an environment is a launcher: both processes carry the mark."""
    launcher = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {SLEEP!r}, {mark!r}])"
    identity = start(mark, tmp_path, launcher)
    found = processes.find(identity, mark)
    assert found is not None
    while len(processes.marked(mark)) < 2:
        pass
    assert processes.family(found) == {process.pid for process in processes.marked(mark)}


def test_a_process_is_known_after_the_folder_of_its_stack_was_moved(tmp_path: Path) -> None:
    """What an old path marks and works in the new one is ours; what works elsewhere is another stack's."""
    (tmp_path / "before/run").mkdir(parents=True)
    old, new = (f"@{tmp_path}/{name}/run/broker.args" for name in ("before", "after"))
    identity = start(old, tmp_path / "before")
    elsewhere = start(old, tmp_path)
    try:
        (tmp_path / "before").rename(tmp_path / "after")
        assert [process.pid for process in processes.marked(new)] == [identity.pid]
        assert processes.find(identity, new) is not None
        assert processes.marked(new.replace("broker", "registry")) == []
    finally:
        processes.stop(psutil.Process(known.pid) for known in (identity, elsewhere))


def test_what_listens_is_told_from_what_does_not(mark: str, tmp_path: Path) -> None:
    server = "import socket; server = socket.create_server(('127.0.0.1', 0))"
    program = f"{server}; print(server.getsockname()[1], flush=True); {SLEEP}"
    listener = psutil.Process(start(mark, tmp_path, program).pid)
    while not (said := (tmp_path / "console").read_text().strip()):
        pass
    assert processes.listens(listener, int(said))
    assert not processes.listens(psutil.Process(start(mark, tmp_path).pid), int(said))
    processes.stop([listener])
    assert not processes.listens(listener, int(said))


@pytest.mark.skipif(os.name == "nt" or os.getuid() != 0, reason="needs a second user: sudo make test")
def test_a_process_of_another_user_is_named_and_the_others_are_ended(mark: str, tmp_path: Path) -> None:
    """Started once with `sudo`: the person's own `down` may not end it. The child is that person."""
    theirs = start(mark, tmp_path).pid
    script = f"""
import os, psutil
from streamlab.stack import processes
ours = psutil.Popen(["sleep", "60"], user=12345)
os.setuid(12345)
try:
    processes.stop([psutil.Process({theirs}), ours])
except processes.StackUnavailable as error:
    print(ours.poll(), error)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert f"-15 Process {theirs} of this stack was started by another user (root)" in done.stdout, done
    assert "sudo" in done.stdout
    assert psutil.Process(theirs).is_running()
