import pytest

from core.limits.networks import network_of, site_of


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2::1", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("64:ff9b::203.0.113.7", "203.0.113.7"),
        ("64:ff9b:1:7::203.0.113.7", "203.0.113.7"),
        ("::ffff:0:203.0.113.7", "203.0.113.7"),
        ("2002:cb00:7107:5::1", "203.0.113.7"),  # 6to4
        ("2001:0:c000:201:8000:63bf:34ff:8ef8", "203.0.113.7"),  # Teredo: each bit is inverted
        ("64:ff9b:2::203.0.113.7", "64:ff9b:2::/64"),
        ("::1", "::/64"),
        ("", ""),
        ("unix:/run/haat.sock", "unix:/run/haat.sock"),
    ],
)
def test_network_is_the_ipv4_address_or_the_64_bits_of_an_ipv6_prefix(
    address: str, network: str
) -> None:
    assert network_of(address) == network


@pytest.mark.parametrize(
    ("address", "site"),
    [
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"),
        ("fe80::1%eth0", "fe80::/48"),
        ("203.0.113.7", None),
        ("::ffff:203.0.113.7", None),
        ("unix:/run/haat.sock", None),
    ],
)
def test_a_site_is_the_48_bits_of_an_ipv6_prefix(address: str, site: str | None) -> None:
    assert site_of(address) == site
