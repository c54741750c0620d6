"""A real JupyterLab of the course: found, guarded, apart from the user's own, stopped with its kernels."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from streamlab.errors import StreamlabError
from streamlab.lab_server import AlreadyStarting, LabServer, Running


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    """A server that runs, started by a user with a Jupyter of their own."""
    home = tmp_path_factory.mktemp("home")
    kernel = home / ".local" / "share" / "jupyter" / "kernels" / "python3" / "kernel.json"
    kernel.parent.mkdir(parents=True)
    kernel.write_text(json.dumps({"argv": ["/elsewhere"], "display_name": "elsewhere", "language": "python"}))
    config = home / ".jupyter" / "jupyter_server_config.py"
    config.parent.mkdir()
    config.write_text("raise SystemExit('the configuration of the user was read')\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(home))
        patch.setenv("JUPYTER_PATH", str(kernel.parents[2]))
        server = LabServer(tmp_path_factory.mktemp("lab"))
        with server.start():
            yield server
    assert server.running() is None


@pytest.fixture
def running(server: LabServer) -> Running:
    """Where it runs."""
    found = server.running()
    assert found is not None
    return found


def ask(running: Running, path: str, token: str) -> httpx.Response:
    """An answer of the server."""
    with httpx.Client(trust_env=False, timeout=30) as client:
        return client.get(f"{running.address}/api/{path}", headers={"Authorization": f"token {token}"})


def test_only_who_has_the_token_gets_in(running: Running) -> None:
    assert ask(running, "kernelspecs", running.token).status_code == httpx.codes.OK
    assert ask(running, "kernelspecs", "guessed").status_code == httpx.codes.FORBIDDEN
    assert running.url.endswith(f"?token={running.token}")


def test_it_listens_on_loopback_alone(running: Running) -> None:
    connections = psutil.Process(running.pid).net_connections("inet")
    assert {c.laddr.ip for c in connections if c.status == psutil.CONN_LISTEN} == {"127.0.0.1"}


def test_a_kernel_of_the_user_named_python3_does_not_win(running: Running) -> None:
    specs = ask(running, "kernelspecs", running.token).json()["kernelspecs"]
    assert list(specs) == ["python3"]
    assert "/elsewhere" not in specs["python3"]["spec"]["argv"]


def test_it_neither_fetches_news_nor_extensions(running: Running) -> None:
    with httpx.Client(trust_env=False, timeout=30) as client:
        page = client.get(
            f"{running.address}/lab", params={"token": running.token}, follow_redirects=True
        ).text
    config = json.loads(
        page.split('id="jupyter-config-data" type="application/json">')[1].split("</script>")[0]
    )
    assert config["news"] == {"disabled": True}
    assert config["extensionManager"]["name"] == "read-only"
    assert "@jupyterlab/extensionmanager-extension" in config["disabledExtensions"]


def test_its_pages_load_the_style_that_keeps_folded_answers_folded(running: Running) -> None:
    with httpx.Client(trust_env=False, timeout=30, params={"token": running.token}) as client:
        page = client.get(f"{running.address}/lab", follow_redirects=True).text
        style = client.get(f"{running.address}/custom/custom.css").text
    assert "custom/custom.css" in page
    assert ".jp-PlaceholderText" in style


def test_a_second_one_of_the_same_checkout_is_not_started(server: LabServer) -> None:
    with pytest.raises(AlreadyStarting), LabServer(server.folder.parent).start():
        pass


@pytest.mark.faults
def test_a_taken_port_is_passed_over(running: Running, tmp_path: Path) -> None:
    with LabServer(tmp_path).start(port=running.port):
        other = LabServer(tmp_path).running()
        assert other is not None
        assert other.port != running.port


@pytest.mark.faults
def test_stopped_from_elsewhere_it_takes_its_kernels_along(tmp_path: Path) -> None:
    server = LabServer(tmp_path)
    with server.start() as process:
        running = server.running()
        assert running is not None
        with httpx.Client(trust_env=False, timeout=30) as client:
            client.post(
                f"{running.address}/api/kernels", json={}, headers={"Authorization": f"token {running.token}"}
            ).raise_for_status()
        family = psutil.Process(process.pid).children(recursive=True)
        assert family
        assert LabServer(tmp_path).stop()
        assert process.wait(30) == 0
    assert not [child for child in family if child.is_running()]
    assert not LabServer(tmp_path).stop()


@pytest.mark.faults
def test_a_server_that_cannot_start_says_why_and_leaves_the_way_free(tmp_path: Path) -> None:
    server = LabServer(tmp_path)
    obstacle = server.folder / "runtime"
    obstacle.parent.mkdir()
    obstacle.write_text("a file where JupyterLab wants a folder")
    with (
        pytest.raises(StreamlabError, match=r"ended while it started: .* is not a directory"),
        server.start(),
    ):
        pass
    obstacle.unlink()
    with server.start():
        assert server.running()


def test_a_record_of_a_server_that_is_gone_is_not_believed(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as somebody_else:
        record = {
            "pid": psutil.Process().pid,
            "created": 1.0,
            "port": somebody_else.getsockname()[1],
            "token": "x",
        }
        server = LabServer(tmp_path)
        server.folder.mkdir()
        (server.folder / "server.json").write_text(json.dumps(record))
        assert server.running() is None
