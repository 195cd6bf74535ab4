"""Leaky buckets in the process."""

import pytest

from core.errors import TooManyRequests
from core.limits import keys
from core.limits.buckets import LocalBuckets, TokenBucket

SLOW = TokenBucket.of(5, minutes=15)
HERE, THERE = keys.of_network("198.51.100.1"), keys.of_network("198.51.100.2")


def charged(buckets: LocalBuckets, key: keys.LimitKey, times: int) -> int:
    """Return how many of so many charges are allowed."""
    return sum(buckets.charge({key: SLOW}, 1).allowed for _ in range(times))


def test_a_bucket_allows_its_capacity_then_asks_for_patience() -> None:
    buckets = LocalBuckets()
    assert charged(buckets, HERE, 9) == 5
    refused = buckets.charge({HERE: SLOW}, 1)
    assert (refused.remaining, refused.wait_seconds) == (0, 180)
    with pytest.raises(TooManyRequests) as raised:
        refused.ensure_allowed()
    assert raised.value.seconds == 180
    assert charged(buckets, THERE, 9) == 5


def test_a_bucket_drains() -> None:
    buckets, quick = LocalBuckets(), TokenBucket(2, 1e9)
    assert all(buckets.charge({HERE: quick}, 2).allowed for _ in range(9))


def test_several_buckets_are_charged_together_or_not_at_all() -> None:
    buckets = LocalBuckets()
    charged(buckets, HERE, 5)
    assert not buckets.charge({THERE: SLOW, HERE: SLOW}, 1).allowed
    assert charged(buckets, THERE, 9) == 5


def test_a_refund_is_never_refused() -> None:
    buckets = LocalBuckets()
    charged(buckets, HERE, 5)
    assert buckets.charge({HERE: SLOW.halved}, -1).allowed
    assert charged(buckets, HERE, 9) == 1
    assert buckets.charge({THERE: SLOW}, -3).remaining == 5


def test_what_redis_allowed_fills_the_bucket_but_no_further() -> None:
    buckets = LocalBuckets()
    for _ in range(7):
        buckets.record({HERE: SLOW}, 1)
    assert buckets.charge({HERE: SLOW}, 1).wait_seconds == 180


def test_keys_over_the_bound_share_one_bucket_per_size() -> None:
    buckets = LocalBuckets(max_keys=10)
    many = [keys.of_network(f"198.51.100.{number}") for number in range(30)]
    assert [charged(buckets, key, 1) for key in many[:10]] == [1] * 10
    assert sum(charged(buckets, key, 1) for key in many[10:]) == 5
    assert buckets.charge({many[20]: TokenBucket.of(9, minutes=1)}, 1).allowed
    assert charged(buckets, many[0], 9) == 4, "keys that were first keep their own"
    assert len(buckets._levels) == 12


def test_empty_buckets_make_room() -> None:
    buckets, quick = LocalBuckets(max_keys=10), TokenBucket(1, 1e9)
    for number in range(10):
        buckets.charge({keys.of_network(f"198.51.100.{number}"): quick}, 1)
    assert charged(buckets, keys.of_network("203.0.113.1"), 9) == 5
    assert len(buckets._levels) == 1
