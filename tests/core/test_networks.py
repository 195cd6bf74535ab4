import pytest

from core.limits.networks import network_of


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2::1", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("", ""),
        ("unix:/run/haat.sock", "unix:/run/haat.sock"),
    ],
)
def test_network_is_the_ipv4_address_or_the_64_bits_of_an_ipv6_prefix(
    address: str, network: str
) -> None:
    assert network_of(address) == network
