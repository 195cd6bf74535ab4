"""Networks, which limits of anonymous callers count instead of addresses."""

from ipaddress import IPv6Address, ip_address, ip_network


def network_of(address: str) -> str:
    """Return the network of an IP address: an IPv4 address itself, or the /64 of an IPv6 address.

    A customer of an IPv6 provider has at least a /64 (RFC 6177), so a limit per address would
    allow 2^64 times as much. Texts that are no IP address, such as the path of a Unix socket,
    are returned unchanged.
    """
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ip_network((parsed, 64), strict=False))
