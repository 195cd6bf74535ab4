"""Limits of what unknown callers do, per network and per site."""

from core.limits import keys
from core.limits.buckets import Buckets, TokenBucket

SITE_NETWORKS = 10  # as many networks of a site have what one may


def network_limit(act: str, address: str, bucket: TokenBucket) -> Buckets:
    """Return the bucket of an act in the network of an IP address, and in its site.

    A customer of an IPv6 provider often has a /48, which contains 65,536 networks: without a bucket
    of the site, a limit per network would allow 65,536 times as much.
    """
    limited = {keys.of_act(act, keys.of_network(address)): bucket}
    site = keys.of_site(address)
    if site is not None:
        size = TokenBucket(SITE_NETWORKS * bucket.capacity, SITE_NETWORKS * bucket.leak_per_second)
        limited[keys.of_act(act, site)] = size
    return limited
