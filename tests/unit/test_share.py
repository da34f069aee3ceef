"""The address for the class."""

import ipaddress
import socket
from typing import Self

import pytest

from cnnviz.share import choose_address, find_network_host, list_addresses


@pytest.mark.parametrize(
    ("visited", "network_host", "address"),
    [
        ("http://localhost:8501/?sample=3", "192.168.1.20", "http://192.168.1.20:8501"),
        ("http://127.0.0.1:8501/digit", "10.0.0.7", "http://10.0.0.7:8501"),
        ("http://[::1]:8501/", "10.0.0.7", "http://10.0.0.7:8501"),
        ("http://192.168.1.20:8501/digit", "172.17.0.1", "http://192.168.1.20:8501"),
        ("https://nets.school.example/", "10.0.0.7", "https://nets.school.example"),
        ("http://localhost/", "10.0.0.7", "http://10.0.0.7"),
        ("http://localhost:8501/", None, None),
    ],
)
def test_others_get_an_address_that_they_can_reach(
    visited: str, network_host: str | None, address: str | None
) -> None:
    assert choose_address(visited=visited, network_host=network_host) == address


@pytest.mark.parametrize("base_path", ["class/cnn", "/class/cnn/"])
def test_the_address_goes_on_with_the_base_path(base_path: str) -> None:
    visited = "http://localhost:8501/class/cnn/digit"

    address = choose_address(visited=visited, network_host="10.0.0.7", base_path=base_path)

    assert address == "http://10.0.0.7:8501/class/cnn/"


class Probe:
    """A socket on a machine of one address, or of no network."""

    def __init__(self, address: str | None) -> None:
        self._address = address

    def __call__(self, *_: object) -> Self:
        return self

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def connect(self, place: tuple[str, int]) -> None:
        assert ipaddress.ip_address(place[0]) in ipaddress.ip_network("192.0.2.0/24")
        if self._address is None:
            raise OSError(101, "Network is unreachable")

    def getsockname(self) -> tuple[str | None, int]:
        return self._address, 40_000


@pytest.mark.parametrize(
    ("address", "host"),
    [("192.168.1.20", "192.168.1.20"), ("127.0.0.1", None), (None, None)],
    ids=["network", "loopback", "offline"],
)
def test_the_network_host_is_the_address_that_others_see(
    address: str | None, host: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "socket", Probe(address))

    assert find_network_host() == host


@pytest.mark.parametrize(
    ("bound", "host", "own", "shared"),
    [
        ("", "10.0.0.7", "http://localhost:8501/cnn/", "http://10.0.0.7:8501/cnn/"),
        ("::", "10.0.0.7", "http://localhost:8501/cnn/", "http://10.0.0.7:8501/cnn/"),
        ("", None, "http://localhost:8501/cnn/", None),
        ("10.0.0.9", "10.0.0.9", "http://10.0.0.9:8501/cnn/", None),
    ],
    ids=["all", "all of IPv6", "offline", "one"],
)
def test_a_server_that_listens_on_all_addresses_names_one_for_others(
    bound: str, host: str | None, own: str, shared: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "socket", Probe(host))

    found = list_addresses(bound=bound, port=8501, scheme="http", base_path="/cnn")

    assert found == (own, shared)
