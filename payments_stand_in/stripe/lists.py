"""Lists: pages of objects, the newest first."""

from collections.abc import Callable, Iterator, Mapping
from itertools import dropwhile, islice
from typing import Any

from payments_stand_in.store import Json
from payments_stand_in.stripe.calls import StripeCall
from payments_stand_in.stripe.refusals import invalid

COMPARED: Mapping[str, Callable[[int, int], bool]] = {
    "gt": lambda made, wanted: made > wanted,
    "gte": lambda made, wanted: made >= wanted,
    "lt": lambda made, wanted: made < wanted,
    "lte": lambda made, wanted: made <= wanted,
}


def listing(
    call: StripeCall, kind: str, params: Any, matches: Callable[[Json], bool] = lambda _: True
) -> Json:
    """Return a page. `limit`, `starting_after`, `ending_before` and `created` are as Stripe's.

    Objects belong to the platform, or to the account for which the call is made.
    """
    limit = params.get("limit", 10)
    if not 1 <= limit <= 100:
        raise invalid("limit", "parameter_invalid_integer", "Invalid limit: 1 to 100.")
    created = params.get("created", {})
    found: Iterator[Json] = (
        one
        for one in call.stand_in.store.newest(kind)
        if one.get("_account") == call.account and matches(one) and _is_within(one, created)
    )
    if after := params.get("starting_after"):
        call.stand_in.store.get(kind, after)
        found = dropwhile(lambda one: one["id"] != after, found)
    start = 1 if after else 0
    page = list(islice(found, start, start + limit + 1))
    return {
        "object": "list",
        "url": f"/v1/{kind}s",
        "has_more": len(page) > limit,
        "data": page[:limit],
    }


def listing_of_payment(call: StripeCall, kind: str, params: Any) -> Json:
    """Return a page, narrowed by `charge` and `payment_intent`."""
    charge, intent = params.get("charge"), params.get("payment_intent")
    return listing(
        call,
        kind,
        params,
        lambda one: charge in {None, one["charge"]} and intent in {None, one["payment_intent"]},
    )


def _is_within(one: Json, created: int | Mapping[str, int]) -> bool:
    if isinstance(created, int):
        return bool(one["created"] == created)
    return all(COMPARED[name](one["created"], wanted) for name, wanted in created.items())
