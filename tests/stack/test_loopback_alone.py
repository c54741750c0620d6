"""Without a network there is loopback alone, and that has to be enough."""

from streamlab.paths import PROJECT


def test_no_client_asks_for_one_address_family() -> None:
    # Asked for IPv4 alone, the resolver refuses even 127.0.0.1 while no interface but loopback is up.
    asking = [
        file.relative_to(PROJECT).as_posix()
        for file in (PROJECT / "streamlab").rglob("*.py")
        if "broker.address.family" in file.read_text(encoding="utf-8")
    ]
    assert asking == []
