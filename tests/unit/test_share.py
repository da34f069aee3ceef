"""The address for the class."""

import ipaddress

import pytest

from cnnviz.share import choose_address, find_network_host


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


def test_the_network_host_is_no_loopback() -> None:
    host = find_network_host()
    assert host is None or not ipaddress.ip_address(host).is_loopback
