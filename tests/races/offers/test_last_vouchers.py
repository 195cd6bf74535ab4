"""Two hundred users claim the last fifty vouchers of an offer concurrently."""

from collections import Counter
from functools import partial
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import bindparam
from sqlmodel import col, func, select, update

from core.database import Database
from core.statements.selected import columns_of
from core.statements.statement import Statement
from models.offers.offers import Offer
from models.redemptions import Voucher
from services.offers import claims
from tests import client
from tests.client import Client
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.races.conftest import Drop
from tests.races.crowd import claim_at_once, crowd, tally
from tests.races.meeting import Meeting
from tests.races.unguarded import count_claim

PEOPLE, CAPACITY, GONE = 200, 60, 10


async def rush(world: World, clients: list[Client]) -> tuple[Counter[str], Offer, int]:
    """Return the tally of all responses, the offer afterwards, and the number of its vouchers."""
    offer = await world.offer(await world.vendor(), capacity=CAPACITY, claimed=GONE)
    for early in await crowd(world, GONE):
        await world.voucher(offer, early)
    answers = tally(await claim_at_once(clients, await crowd(world, PEOPLE), offer))
    async with world.database.session() as session:
        mine = select(func.count()).where(Voucher.offer_id == offer.id)
        return answers, await world.fresh(offer), (await session.exec(mine)).one()


async def test_last_fifty_go_to_exactly_fifty(
    world: World, clients: list[Client], database: Database
) -> None:
    answers, offer, vouchers = await rush(world, clients)
    assert answers == {"OK": 50, "OFFER_SOLD_OUT": 150}
    assert offer.claimed == vouchers == CAPACITY
    await check_invariants(database)


UNGUARDED = Statement(
    update(Offer)
    .where(col(Offer.id) == bindparam("offer_id"))
    .values(claimed=col(Offer.claimed) + 1)
    .returning(*columns_of(Offer)),
    Offer,
)


async def test_last_fifty_are_oversold_without_the_guard(
    drop: Drop, world: World, api: Client, monkeypatch: pytest.MonkeyPatch, database: Database
) -> None:
    monkeypatch.setattr(claims, "_count_claim", partial(count_claim, Meeting()))
    await drop("offer_capacity_check")
    answers, _, vouchers = await rush(world, [api])
    assert answers["OK"] > 50
    assert vouchers > CAPACITY
    with pytest.raises(AssertionError, match=r"offer\.claimed differs"):
        await check_invariants(database)


async def test_last_fifty_are_held_by_the_constraint_alone(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unguarded(connection: asyncpg.Connection, offer_id: UUID) -> Offer:
        (offer,) = await UNGUARDED.fetch(connection, offer_id=offer_id)
        return offer

    monkeypatch.setattr(claims, "_count_claim", unguarded)
    # claimOffer does not declare the constraint's code: the guard never lets it come to that.
    monkeypatch.setattr(client, "ensure_declared", lambda answer: None)
    answers, _, vouchers = await rush(world, [api])
    assert answers == {"OK": 50, "CAPACITY_BELOW_CLAIMED": 150}
    assert vouchers == CAPACITY
