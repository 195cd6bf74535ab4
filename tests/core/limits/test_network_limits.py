"""Limits per network, which the networks of one IPv6 site share ten times."""

from core.limits.buckets import LocalBuckets, TokenBucket
from core.limits.network_limits import network_limit

THREE = TokenBucket.of(3, minutes=60)


def allowed(addresses: list[str]) -> int:
    """Return how many charges are allowed, one for each address."""
    buckets = LocalBuckets()
    charges = [buckets.charge(network_limit("code", one, THREE), 1) for one in addresses]
    return sum(charge.allowed for charge in charges)


def test_one_network_has_one_limit() -> None:
    assert allowed(["203.0.113.7"] * 5) == 3
    assert allowed([f"2001:db8:1:2::{host}" for host in range(1, 6)]) == 3


def test_the_networks_of_a_site_have_ten_limits_together() -> None:
    of_one_customer = [f"2001:db8:1:{network:x}::1" for network in range(100)]
    assert allowed(of_one_customer) == 30
    of_many = [f"2001:db8:{site:x}::1" for site in range(100)]
    assert allowed(of_many) == 100
    assert allowed([f"203.0.113.{host}" for host in range(100)]) == 100
