"""Under which address a class reaches this server, also as a QR code."""

import ipaddress
import socket
from urllib.parse import urlsplit

import segno

# From the block set aside for documentation (RFC 5737). Connecting a datagram socket sends
# nothing; it only makes the system choose the interface it would use.
_PROBE = ("192.0.2.1", 9)
_EVERY_ADDRESS = ("", "0.0.0.0", "::")  # noqa: S104  (what a server may be told to listen on)


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


def list_addresses(*, bound: str, port: int, scheme: str, base_path: str) -> tuple[str, str | None]:
    """Return the addresses of this server for its own machine, and for others where they reach it.

    Args:
        bound: The address on which it listens, such as "0.0.0.0" or "localhost"; empty for all.
        port: On which it listens.
        scheme: "http" or "https".
        base_path: Under which the pages lie; empty at the root.
    """
    path = base_path.strip("/")
    end = f"{port}/{path}/" if path else str(port)
    own = f"{scheme}://{'localhost' if bound in _EVERY_ADDRESS else bound}:{end}"
    host = find_network_host()
    return own, f"{scheme}://{host}:{end}" if host and bound in _EVERY_ADDRESS else None


def draw_code(address: str) -> str:
    """Draw an address as a QR code; return it as the address of an SVG."""
    # Dark on white in either theme, so that cameras read it.
    code: str = segno.make_qr(address).svg_data_uri(border=4, light="white")
    return code


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
