"""IP networks: what limits of anonymous callers count, and lists of proxies."""

from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network


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


def parse_networks(listed: str) -> tuple[IPv4Network | IPv6Network, ...]:
    """Return the networks of a list of addresses and networks, separated by commas.

    Raises `ValueError` with a message for operators, also for `*` and networks of all addresses:
    every caller could then choose its own address.
    """
    return tuple(_parse_network(entry.strip()) for entry in listed.split(",") if entry.strip())


def _parse_network(entry: str) -> IPv4Network | IPv6Network:
    try:
        network = None if entry == "*" else ip_network(entry)
    except ValueError as error:
        raise ValueError(
            f"{entry!r} is no IP address or network, such as 10.0.0.7 or 10.0.0.0/24."
        ) from error
    if network is None or network.prefixlen == 0:
        raise ValueError(f"{entry!r} includes every address. List the proxies themselves.")
    return network
