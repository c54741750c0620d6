"""The setup as a learner meets it: a process, its words, its exit code, and what it leaves on the disk."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tiny_project import NOWHERE, StallingIndex, TinyProject

from streamlab.paths import PROJECT, cache_folder
from streamlab.setup.wheels import user_cache_folder

OFFLINE = {"PIP_INDEX_URL": NOWHERE, "PIP_NO_INDEX": "", "PIP_FIND_LINKS": ""}


def one_sentence(done: "subprocess.CompletedProcess[str]") -> str:
    """The refusal: on stderr, on one line, without a traceback."""
    assert done.returncode == 1, done.stdout + done.stderr
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr
    return done.stderr


def old_pythons() -> list[Path]:
    """Pythons on this machine that the course is too new for."""
    found = {Path(path) for path in ("/usr/bin/python2.7", "/usr/bin/python3.9") if Path(path).exists()}
    for path in (Path.home() / ".pyenv" / "versions").glob("*/bin/python"):
        version = tuple(int(number) for number in path.parent.parent.name.split(".")[:2] if number.isdigit())
        if (0,) < version < (3, 11):
            found.add(path)
    return sorted(found)


@pytest.mark.faults
def test_a_setup_installs_the_lock_and_the_project(made: TinyProject) -> None:
    assert made.imports("tiny")
    assert made.imports("tiny_backend"), "the project itself is installed editable"


@pytest.mark.faults
def test_a_second_setup_runs_no_pip_and_needs_no_network(made: TinyProject) -> None:
    log = made.folder / ".streamlab" / "setup" / "pip.log"
    before = log.read_bytes()
    done = made.set_up(**OFFLINE)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Python environment ready")
    assert log.read_bytes() == before


@pytest.mark.faults
def test_another_checkout_of_the_same_user_needs_no_network(made: TinyProject, tmp_path: Path) -> None:
    second = TinyProject(tmp_path / "second", made.index, made.cache)
    done = second.set_up(**OFFLINE)
    assert done.returncode == 0, done.stderr
    assert "no network needed" in done.stdout
    assert second.imports("tiny")


@pytest.mark.faults
def test_a_lock_that_asks_for_less_than_is_installed_is_ready(made: TinyProject, tmp_path: Path) -> None:
    both = TinyProject(tmp_path / "both", tmp_path / "index", tmp_path / "cache")
    both.ask_for("tiny", "more")
    assert both.set_up().returncode == 0
    both.ask_for("tiny")
    assert both.set_up().stdout.startswith("Python environment ready")


@pytest.mark.faults
def test_a_moved_checkout_is_made_anew(project: TinyProject) -> None:
    assert project.set_up().returncode == 0
    moved = project.folder.with_name("moved")
    project.folder.rename(moved)
    again = TinyProject(moved, project.index, project.cache)
    assert again.set_up(**OFFLINE).returncode == 0
    assert again.imports("tiny")
    assert str(moved) in (moved / ".venv" / "bin" / "activate").read_text()


@pytest.mark.faults
def test_without_a_network_it_says_so_and_leaves_nothing(project: TinyProject) -> None:
    said = one_sentence(project.set_up(**OFFLINE))
    assert "cannot be reached" in said
    assert "Connect to the internet" in said
    assert project.leftovers() == []


@pytest.mark.faults
def test_a_file_with_another_hash_is_not_installed(project: TinyProject) -> None:
    lock = project.lock.read_text()
    project.lock.write_text(lock[:-5] + "0000\n")
    said = one_sentence(project.set_up())
    assert "tiny==1.0" in said
    assert "not the file that the lock names" in said
    assert project.leftovers() == []


@pytest.mark.faults
def test_a_package_that_no_index_has_is_named(project: TinyProject) -> None:
    project.lock.write_text(project.lock.read_text().replace("tiny==1.0", "tiny==2.0"))
    assert "no build of tiny==2.0 for Python" in one_sentence(project.set_up())


def test_a_lock_without_hashes_is_refused(project: TinyProject) -> None:
    project.lock.write_text("tiny==1.0\n")
    assert "without a hash" in one_sentence(project.set_up())


@pytest.mark.faults
def test_a_damaged_kept_download_is_thrown_away_and_fetched_anew(project: TinyProject) -> None:
    assert project.set_up().returncode == 0
    shutil.rmtree(project.environment)
    (wheel,) = project.cache.rglob("tiny-*.whl")
    wheel.write_bytes(b"not a wheel")
    assert "thrown away" in one_sentence(project.set_up())
    assert project.set_up().returncode == 0


@pytest.mark.faults
def test_a_failed_upgrade_puts_the_working_environment_back(made: TinyProject) -> None:
    before = made.lock.read_text()
    made.ask_for("tiny", "missing")
    done = made.set_up(**OFFLINE)
    said = one_sentence(done)
    assert "cannot be reached" in said
    assert "previous .venv is back" in done.stdout
    assert made.imports("tiny")
    made.lock.write_text(before)
    assert made.set_up().stdout.startswith("Python environment ready")


@pytest.mark.faults
def test_killed_while_downloading_it_can_be_run_again(
    project: TinyProject, stalling_index: StallingIndex
) -> None:
    process = project.start(**stalling_index.settings)
    assert stalling_index.asked.wait(60)
    process.kill()
    process.communicate()
    stalling_index.go_on.set()
    done = project.set_up()
    assert done.returncode == 0, done.stderr
    assert project.imports("tiny")


@pytest.mark.faults
def test_killed_while_installing_it_waits_for_the_orphan_and_makes_it_anew(project: TinyProject) -> None:
    stall = project.folder / "stall"
    stall.touch()
    process = project.start()
    wait_for(project.folder / "building")
    process.kill()
    process.communicate()
    again = project.start()
    assert again.stdout is not None
    assert "waiting for it" in again.stdout.readline()
    stall.unlink()
    out, err = again.communicate(timeout=120)
    assert again.returncode == 0, err
    assert "Step 1" in out
    assert project.imports("tiny")


@pytest.mark.faults
def test_interrupted_it_says_how_to_go_on_and_leaves_nothing_half_made(
    project: TinyProject, stalling_index: StallingIndex
) -> None:
    process = project.start(**stalling_index.settings)
    assert stalling_index.asked.wait(60)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err == "Stopped. Run the same command again to go on: what was downloaded is kept.\n"
    assert project.leftovers() == []


@pytest.mark.faults
def test_what_was_downloaded_before_an_interruption_is_kept(project: TinyProject) -> None:
    (project.folder / "stall").touch()
    process = project.start()
    wait_for(project.folder / "building")
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    (project.folder / "stall").unlink()
    assert project.set_up(**OFFLINE).returncode == 0


@pytest.mark.faults
def test_two_setups_at_once_make_it_once(project: TinyProject) -> None:
    first, second = project.start(), project.start()
    outputs = [process.communicate(timeout=120) for process in (first, second)]
    assert (first.returncode, second.returncode) == (0, 0), outputs
    assert sum("Step 1" in out for out, _ in outputs) == 1
    assert project.imports("tiny")


def test_an_environment_of_somebody_else_is_left_alone(project: TinyProject) -> None:
    project.environment.mkdir()
    (project.environment / "precious").write_text("mine")
    assert "was not made by this setup" in one_sentence(project.set_up())
    assert (project.environment / "precious").read_text() == "mine"


@pytest.mark.skipif(not old_pythons(), reason="no Python older than 3.11 on this machine")
def test_an_old_python_is_told_so_in_one_sentence() -> None:
    for python in old_pythons():
        done = subprocess.run(
            [str(python), str(PROJECT / "bootstrap.py")], capture_output=True, text=True, check=False
        )
        assert "needs Python 3.11 or newer" in one_sentence(done), python


def test_a_python_without_venv_is_told_what_to_install(project: TinyProject) -> None:
    """Debian's python3 without python3-venv has no ensurepip."""
    hide = "import sys, runpy; sys.modules['ensurepip'] = None; sys.argv = sys.argv[1:]; "
    command = [sys.executable, "-c", hide + "runpy.run_path(sys.argv[0], run_name='__main__')"]
    done = subprocess.run(
        command + project.command()[1:],
        cwd=PROJECT,
        env=project.variables({}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert "apt install python3" in one_sentence(done)
    assert project.leftovers() == []


@pytest.fixture
def small_disk(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    """A file system of the size in megabytes that the test asks for."""
    mount_point = tmp_path / "disk"
    mount_point.mkdir()
    size = f"size={request.param}m"
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(mount_point)], check=False, capture_output=True
    )
    if mounted.returncode != 0:
        pytest.skip("a small disk needs the right to mount a tmpfs (run as root to enable)")
    yield mount_point
    subprocess.run(["umount", "--lazy", str(mount_point)], check=True)


@pytest.mark.parametrize("small_disk", [1], indirect=True)
def test_a_disk_that_is_too_small_is_noticed_before_anything_is_written(
    small_disk: Path, tmp_path: Path
) -> None:
    project = TinyProject(small_disk / "checkout", tmp_path / "index", tmp_path / "cache")
    assert "MB free" in one_sentence(project.set_up())
    assert project.leftovers() == []


@pytest.mark.faults
@pytest.mark.parametrize("small_disk", [60], indirect=True)
def test_a_disk_that_fills_up_is_a_sentence_and_leaves_nothing(small_disk: Path, tmp_path: Path) -> None:
    project = TinyProject(small_disk / "checkout", tmp_path / "index", tmp_path / "cache")
    project.ask_for("tiny", payload_bytes=80_000_000)
    assert "is full" in one_sentence(project.set_up())
    assert project.leftovers() == []


@pytest.mark.parametrize("small_disk", [30], indirect=True)
def test_a_folder_that_may_not_be_written_is_a_sentence(small_disk: Path, tmp_path: Path) -> None:
    project = TinyProject(small_disk / "checkout", tmp_path / "index", tmp_path / "cache")
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    assert "may not be written" in one_sentence(project.set_up())


def test_the_setup_needs_the_standard_library_alone() -> None:
    without_packages = [sys.executable, "-S", "-c", "import streamlab.setup.main"]
    subprocess.run(without_packages, cwd=PROJECT, check=True)


@pytest.mark.parametrize("variable", ["STREAMLAB_CACHE", "XDG_CACHE_HOME", None])
def test_downloads_of_the_setup_and_of_the_stack_share_one_folder(
    variable: str | None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("STREAMLAB_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    if variable:
        monkeypatch.setenv(variable, str(tmp_path))
    assert user_cache_folder() == cache_folder()


def wait_for(path: Path) -> None:
    """Wait until the file is there."""
    until = time.monotonic() + 60
    while not path.exists():
        assert time.monotonic() < until, f"{path} never came"
        time.sleep(0.05)


@pytest.mark.faults
def test_nothing_of_the_learners_own_settings_reaches_the_environment(project: TinyProject) -> None:
    hostile = project.folder / "hostile"
    hostile.mkdir()
    (hostile / "sitecustomize.py").write_text("raise SystemExit('PYTHONPATH was read')")
    done = project.set_up(
        PIP_USER="1", PIP_TARGET=str(hostile / "elsewhere"), PYTHONPATH=os.fspath(hostile / "x")
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert project.imports("tiny")


@pytest.mark.faults
@pytest.mark.parametrize("small_disk", [1], indirect=True)
def test_a_cache_that_may_not_be_written_can_be_moved(small_disk: Path, tmp_path: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    project = TinyProject(tmp_path / "checkout", tmp_path / "index", tmp_path / "cache")
    assert "Set STREAMLAB_CACHE" in one_sentence(project.set_up(STREAMLAB_CACHE=str(small_disk / "cache")))
    assert project.leftovers() == []


@pytest.mark.faults
def test_a_changed_lock_makes_it_anew_and_leaves_one_environment(project: TinyProject) -> None:
    assert project.set_up().returncode == 0
    project.ask_for("other")
    assert project.set_up().returncode == 0
    assert project.imports("other")
    assert not project.imports("tiny")
    assert project.leftovers() == [str(project.environment)]
