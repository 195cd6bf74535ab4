"""IP networks: what limits of anonymous callers count, and lists of proxies."""

from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

# Prefixes whose last 32 bits are an IPv4 address: IPv4-mapped (RFC 4291), IPv4-translated
# (RFC 7915), and those of translators, well-known (RFC 6052) and local (RFC 8215). A server
# without IPv4 sees all IPv4 clients in one /96, which is in one /64 (RFC 7755).
WITH_IPV4 = tuple(
    IPv6Network(prefix)
    for prefix in ("::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48")
)


SITE_BITS = 48  # RFC 6177

MAX_ADDRESS_LENGTH = 200  # a proxy may pass on any text


def network_of(address: str) -> str:
    """Return the network of an IP address: an IPv4 address itself, or the /64 of an IPv6 address.

    An IPv6 address that contains the IPv4 address of its host counts as that. A customer of an IPv6
    provider has at least a /64 (RFC 6177), so a limit per address would allow 2^64 times as much.
    Texts that are no IP address, such as the path of a Unix socket, are returned unchanged, apart
    from their length.
    """
    return _network_of(address[:MAX_ADDRESS_LENGTH])


def site_of(address: str) -> str | None:
    """Return the /48 of an IPv6 address, which providers give to one customer. None for others."""
    network, is_ipv6, _ = network_of(address).partition("/")
    try:
        return str(ip_network((network, SITE_BITS), strict=False)) if is_ipv6 else None
    except ValueError:
        return None


def place_of(address: str) -> str | None:
    """Return a larger network of an IP address, for a list of sessions: a /24, or a /48 of IPv6.

    None for a text that is no IP address.
    """
    network, _, _ = network_of(address).partition("/")
    try:
        parsed = ip_address(network)
    except ValueError:
        return None
    return str(ip_network((parsed, 24 if parsed.version == 4 else SITE_BITS), strict=False))


@lru_cache(maxsize=4096)
def _network_of(address: str) -> str:
    """Find the network. `address` has at most `MAX_ADDRESS_LENGTH` characters."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    embedded = embedded_ipv4(parsed)
    return str(embedded or ip_network((parsed, 64), strict=False))


def embedded_ipv4(address: IPv6Address) -> IPv4Address | None:
    """Return the IPv4 address of a host that reaches us over a translator or a tunnel.

    Of 6to4 (RFC 3056), because each IPv4 address has 65,536 networks of 64 bits; of Teredo
    (RFC 4380), because all clients of one Teredo server share such a network. A caller cannot
    choose it: the replies of a handshake are sent there. Other formats, such as the deprecated
    IPv4-compatible addresses and ISATAP, are those of any network.
    """
    if any(address in prefix for prefix in WITH_IPV4):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.sixtofour or (address.teredo and address.teredo[1])


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
