"""Under which address a class reaches this server."""

import ipaddress
import socket
from urllib.parse import urlsplit

# From the block set aside for documentation (RFC 5737). Connecting a datagram socket sends
# nothing; it only makes the system choose the interface it would use.
_PROBE = ("192.0.2.1", 9)


def find_network_host() -> str | None:
    """Return this machine's address in the local network, None if it is in none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(_PROBE)
        except OSError:
            return None
        host: str = probe.getsockname()[0]
    return None if ipaddress.ip_address(host).is_loopback else host


def choose_address(*, visited: str, network_host: str | None, base_path: str = "") -> str | None:
    """Choose the address to give to a class.

    Args:
        visited: URL under which this visitor came.
        network_host: This machine's address in the local network.
        base_path: Under which the pages lie, such as "class/cnn"; empty at the root.

    Returns:
        The origin the visitor used when others can use it too, else one with the network's
        address; None when there is no network.
    """
    parts = urlsplit(visited)
    path = f"/{base_path.strip('/')}/" if base_path.strip("/") else ""
    if parts.hostname and not _is_this_machine(parts.hostname):
        return f"{parts.scheme}://{parts.netloc}{path}"
    if network_host is None:
        return None
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme or 'http'}://{network_host}{port}{path}"


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
