"""Many at once."""

import asyncio
from collections import Counter
from collections.abc import Coroutine, Iterable, Sequence
from itertools import cycle
from typing import Any

from core.ids import new_id
from models.identity.accounts import User, UserSession
from models.offers.offers import Offer
from tests.client import Client, gid
from tests.factories.emails import give_email
from tests.factories.identity import HASHED
from tests.factories.world import World

Payload = dict[str, Any]


async def crowd(world: World, size: int) -> list[User]:
    users = [
        give_email(
            world.sealer,
            User(name=f"User {number}", password_hash=HASHED),
            f"{new_id()}@haat.example",
        )
        for number in range(size)
    ]
    await world.save(*users, *(UserSession(id=user.id, user_id=user.id) for user in users))
    return users


async def at_once(
    calls: Iterable[Coroutine[Any, Any, Payload]], *, most: int | None = None
) -> list[Payload]:
    """Run the calls concurrently: all of them, or `most` at any time.

    On a slow machine, many that need the same lock wait for it until they time out.
    """
    calls = list(calls)
    places = asyncio.Semaphore(most or len(calls) or 1)

    async def run(call: Coroutine[Any, Any, Payload]) -> Payload:
        async with places:
            return await call

    return list(await asyncio.gather(*map(run, calls)))


async def claim_at_once(
    clients: Sequence[Client], users: Iterable[User], offer: Offer, *, key: str | None = None
) -> list[Payload]:
    """Claim for all users concurrently, each through the next client in turn."""
    fields = "voucher { id code token state }"
    return await at_once(
        client.signed_in(user).do(
            "claimOffer", {"offerId": gid(offer), "idempotencyKey": key or str(new_id())}, fields
        )
        for client, user in zip(cycle(clients), users, strict=False)
    )


def tally(payloads: Iterable[Payload]) -> Counter[str]:
    """How often each code was answered; the reason of an attempt, or OK, where there was none."""
    return Counter(
        payload["errors"][0]["code"] if payload["errors"] else payload.get("reason", "OK")
        for payload in payloads
    )
