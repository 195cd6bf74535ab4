"""Charges callers in points. Each request is charged, also one that is refused."""

import math

from core.errors import BudgetExceeded
from core.limits import keys
from core.limits.buckets import Charge, TokenBucket
from core.limits.keys import LimitKey
from engine.context import Context
from engine.limits.document_limits import MAX_CHARACTERS

# Parsing and validation take time by length, even if they fail: 34 documents of 1.3 KB a second, of
# 10 ms each, delayed the requests of other callers from 16 to 150 ms. At this price reading a
# document costs about as many points as executing a page that takes as long. Documents that are
# known to be valid are not parsed again.
CHARACTERS_PER_POINT = 5
# Decoding the JSON of a request takes up to 10 ms per megabyte, most of it for the variables.
BYTES_PER_POINT = 2_048


async def charge(caller: Context, points: int, *, signs_in: bool = False) -> Charge:
    """Charge the caller; an anonymous one that signs in apart from others in its network.

    Others behind the same address can use up the points of its network by reading.
    """
    caller.charged = True
    bucket = _bucket(caller)
    if signs_in and caller.viewer.user_id is None:
        bucket = {keys.of_act("sign-in", key): size for key, size in bucket.items()}
    return await caller.app.limits.charge(bucket, points, caller.redis_allowance)


async def charge_length(caller: Context, text: str) -> Charge | None:
    """Charge once for the length of a document that is not known to be valid.

    Returns None for one that is: it is not parsed again, and saves this round trip to Redis.
    """
    documents = caller.app.document_cache
    if caller.length_charge is None and not documents.knows_valid(text):
        caller.length_charge = await charge(caller, length_price(caller, text))
        if caller.length_charge.allowed:
            await documents.wait_for_turn()
    return caller.length_charge


async def ensure_charged(caller: Context, text: str = "") -> None:
    """Charge for a request that is refused, unless it was charged before.

    Raises `BudgetExceeded`, which is the answer to a caller without points.
    """
    if caller.charged:
        return
    charged = await charge(caller, length_price(caller, text))
    if not charged.allowed:
        raise BudgetExceeded(charged.wait_seconds)


def length_price(caller: Context, text: str) -> int:
    """Return the price of reading a request. One that is too long is refused without being read."""
    read = 0 if len(text) > MAX_CHARACTERS else len(text)
    return max(min_price(caller), math.ceil(read / CHARACTERS_PER_POINT))


def min_price(caller: Context) -> int:
    return points_of_size(caller.request_bytes)


def points_of_size(size: int) -> int:
    """Return the least price of a request of so many bytes."""
    return max(1, math.ceil(size / BYTES_PER_POINT))


def _bucket(caller: Context) -> dict[LimitKey, TokenBucket]:
    """Return the caller's bucket. API tokens can't use up their user's points."""
    settings, viewer = caller.app.settings, caller.viewer
    if viewer.user_id is None:
        return {keys.of_network(caller.address): settings.anonymous_bucket}
    if viewer.uses_api_token:
        return {keys.of_api_token(viewer.session_id): settings.token_bucket}
    return {keys.of_user(viewer.user_id): settings.user_bucket}
