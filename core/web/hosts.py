"""Host names and addresses of the machine itself."""

from ipaddress import ip_address


def is_loopback(host: str | None) -> bool:
    """Return whether a host is reachable from this machine alone."""
    try:
        return host == "localhost" or ip_address(host or "").is_loopback
    except ValueError:  # a name
        return False
