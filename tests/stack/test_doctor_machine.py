"""The doctor's findings about the machine, each from a machine on which it is so."""

import os
import socket
import sys
import types
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from toy_http import always, answering

from streamlab.stack.doctor import machine, occupied
from streamlab.stack.layout import Layout
from streamlab.stack.local import LocalBackend
from streamlab.stack.records import Record, write


@pytest.fixture
def backend(layout: Layout, no_given_addresses: None) -> LocalBackend:
    return LocalBackend(layout)


def test_a_python_that_is_too_old_is_named(backend: LocalBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    assert machine.python_version(backend).verdict == "ok"
    monkeypatch.setattr(sys, "version_info", (3, 10, 14, "final", 0))
    found = machine.python_version(backend)
    assert (found.name, found.verdict, found.cause) == ("Python", "wrong", "3.10.14 is too old")
    assert "3.11" in found.command


@pytest.mark.parametrize(("folder", "variable"), [("state", "STREAMLAB_HOME"), ("cache", "STREAMLAB_CACHE")])
def test_a_file_in_the_place_of_a_folder_is_found(
    backend: LocalBackend, tmp_path: Path, folder: str, variable: str
) -> None:
    assert machine.folders(backend).verdict == "ok"
    (tmp_path / folder).touch()
    found = machine.folders(backend)
    assert (found.verdict, found.cause) == ("wrong", f"{tmp_path / folder} is no folder")
    assert variable in found.command


def test_a_folder_that_may_not_be_written_is_found(
    backend: LocalBackend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda path, _mode: Path(path) != tmp_path)
    found = machine.folders(backend)
    assert (found.verdict, found.cause) == ("wrong", f"{tmp_path} cannot be written")


@pytest.mark.parametrize(("full", "variable"), [("state", "STREAMLAB_HOME"), ("cache", "STREAMLAB_CACHE")])
def test_a_full_disk_is_named_with_the_variable_that_moves_the_folder(
    layout: Layout, full: str, variable: str
) -> None:
    for place in (layout.state, layout.cache):
        place.mkdir()
    backend = LocalBackend(layout, free_bytes=lambda folder: 10**6 if folder.name == full else 10**12)
    found = machine.disk(backend)
    assert found.verdict == "wrong"
    assert "1 MB free below" in found.cause
    assert variable in found.command


@pytest.mark.parametrize(("available", "verdict"), [(10**10, "ok"), (5 * 10**8, "note"), (10**8, "wrong")])
def test_too_little_memory_is_wrong_and_little_is_worth_a_note(
    backend: LocalBackend, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, available: int, verdict: str
) -> None:
    monkeypatch.setattr(machine, "CONTROL_GROUP", tmp_path / "none")
    monkeypatch.setattr(psutil, "virtual_memory", lambda: types.SimpleNamespace(available=available))
    found = machine.memory(backend)
    assert found.verdict == verdict
    assert bool(found.command) is (verdict != "ok")


def test_the_memory_limit_of_a_container_counts_and_not_the_machine_around_it(
    backend: LocalBackend, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(machine, "CONTROL_GROUP", tmp_path)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: types.SimpleNamespace(available=10**11))
    (tmp_path / "memory.max").write_text("1000000000\n")
    (tmp_path / "memory.current").write_text("950000000\n")
    (tmp_path / "memory.stat").write_text("anon 1\ninactive_file 150000000\n")
    found = machine.memory(backend)
    assert found.verdict == "wrong"
    assert found.cause.startswith("200 MB available in this container")
    (tmp_path / "memory.max").write_text("max\n")
    assert machine.memory(backend).verdict == "ok"


@pytest.mark.parametrize("addresses", [["::1"], ["10.0.0.5", "::1"]])
def test_a_localhost_that_leads_elsewhere_is_found(
    backend: LocalBackend, monkeypatch: pytest.MonkeyPatch, addresses: list[str]
) -> None:
    assert machine.localhost(backend).verdict == "ok"
    known = [(socket.AF_INET, None, 0, "", (address, 0)) for address in addresses]
    monkeypatch.setattr(socket, "getaddrinfo", lambda _name, _port: known)
    found = machine.localhost(backend)
    assert found.verdict == "wrong"
    assert all(address in found.cause for address in addresses)
    assert "127.0.0.1 localhost" in found.command


def test_a_localhost_that_nobody_knows_is_found(
    backend: LocalBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(_name: str, _port: None) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    found = machine.localhost(backend)
    assert (found.verdict, "not known" in found.cause) == ("wrong", True)


def test_a_proxy_before_loopback_is_worth_a_note(
    backend: LocalBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", "http://proxy.example:3128")
    found = machine.proxy(backend)
    assert (found.verdict, "NO_PROXY" in found.command) == ("note", True)
    monkeypatch.setenv("no_proxy", "127.0.0.1,localhost")
    assert machine.proxy(backend).verdict == "ok"


@pytest.fixture
def with_ports(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> Callable[..., LocalBackend]:
    """A backend whose registry usually takes these ports."""

    def make(*usual: int) -> LocalBackend:
        component = types.SimpleNamespace(name="registry", usual_ports={str(port): port for port in usual})
        monkeypatch.setattr(LocalBackend, "components", (component,))
        return LocalBackend(layout)

    return make


def test_a_foreign_listener_on_a_usual_port_is_named(with_ports: Callable[..., LocalBackend]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as foreign:
        port = foreign.getsockname()[1]
        backend = with_ports(port)
        found = occupied.usual_ports(backend)
        assert found.verdict == "note"
        assert f"{port} (" in found.cause
        assert f"process {os.getpid()}" in found.cause
        assert "Flink" not in found.cause
        assert "streamlab up" in found.command
    assert occupied.usual_ports(backend).verdict == "ok"


def test_flink_on_the_registrys_usual_port_is_recognised(with_ports: Callable[..., LocalBackend]) -> None:
    with answering(always(200, {"flink-version": "2.3.0", "refresh-interval": 3000})) as port:
        found = occupied.usual_ports(with_ports(port))
    assert (found.verdict, "a Flink JobManager" in found.cause) == ("note", True)


@pytest.mark.parametrize("body", [b"", b"[", [], 7, {"version": "2.3.0"}])
def test_another_web_server_is_not_taken_for_flink(
    with_ports: Callable[..., LocalBackend], body: object
) -> None:
    with answering(always(200, body)) as port:
        assert "Flink" not in occupied.usual_ports(with_ports(port)).cause


def test_a_port_of_our_own_is_no_foreigners(with_ports: Callable[..., LocalBackend], layout: Layout) -> None:
    with socket.create_server(("127.0.0.1", 0)) as ours:
        port = ours.getsockname()[1]
        backend = with_ports(port)
        write(layout, {"registry": Record("Apicurio", f"http://127.0.0.1:{port}", {"client": port})})
        assert occupied.usual_ports(backend).verdict == "ok"
