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
from services.offers import claims, first_claims
from services.offers.first_claims import THIS_OFFER
from tests import client
from tests.client import Client
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.races.conftest import Drop
from tests.races.crowd import claim_at_once, crowd, tally
from tests.races.meeting import Meeting, held
from tests.races.unguarded import count_claim

PEOPLE, CAPACITY, GONE = 200, 60, 10


async def limited_offer(world: World) -> Offer:
    """Return an offer of whose vouchers ten are claimed, and fifty left."""
    offer = await world.offer(await world.vendor(), capacity=CAPACITY, claimed=GONE)
    for early in await crowd(world, GONE):
        await world.voucher(offer, early)
    return offer


async def rush(
    world: World, clients: list[Client], offer: Offer
) -> tuple[Counter[str], Offer, int]:
    """Return the tally of all responses, the offer afterwards, and the number of its vouchers."""
    answers = tally(await claim_at_once(clients, await crowd(world, PEOPLE), offer))
    async with world.database.session() as session:
        mine = select(func.count()).where(Voucher.offer_id == offer.id)
        return answers, await world.fresh(offer), (await session.exec(mine)).one()


async def test_last_fifty_go_to_exactly_fifty(
    world: World, clients: list[Client], database: Database
) -> None:
    answers, offer, vouchers = await rush(world, clients, await limited_offer(world))
    assert answers == {"OK": 50, "OFFER_SOLD_OUT": 150}
    assert offer.claimed == vouchers == CAPACITY
    await check_invariants(database)


async def test_last_fifty_go_to_exactly_fifty_statement_by_statement(
    world: World, api: Client, database: Database, no_first_claims: None
) -> None:
    answers, offer, vouchers = await rush(world, [api], await limited_offer(world))
    assert answers == {"OK": 50, "OFFER_SOLD_OUT": 150}
    assert offer.claimed == vouchers == CAPACITY
    await check_invariants(database)


async def test_last_fifty_are_oversold_in_one_statement_without_the_guard(
    drop: Drop, world: World, api: Client, monkeypatch: pytest.MonkeyPatch, database: Database
) -> None:
    """The number is read as of the statement's start then, and nothing else is."""
    seen = select(col(Offer.claimed)).where(THIS_OFFER).cte("seen")
    key = first_claims.claimed_key()
    vendor = first_claims.relied_on_vendor(key)
    counted = (
        update(Offer)
        .where(THIS_OFFER, col(Offer.vendor_id) == vendor.c.id)
        .values(claimed=seen.c.claimed + 1)
        .returning(*dict.fromkeys(first_claims.OF_OFFER.values()))
    )
    unguarded = first_claims.first_claim(key, counted.cte("counted"))
    monkeypatch.setattr(first_claims, "FIRST_CLAIM", unguarded)
    await drop("offer_capacity_check")
    offer = await limited_offer(world)
    async with held(database, f"SELECT 1 FROM offer WHERE id = '{offer.id}' FOR NO KEY UPDATE"):
        answers, _, vouchers = await rush(world, [api], offer)
    assert answers["OK"] > 50
    assert vouchers > CAPACITY
    with pytest.raises(AssertionError, match=r"offer\.claimed differs"):
        await check_invariants(database)


UNGUARDED = Statement(
    update(Offer)
    .where(col(Offer.id) == bindparam("offer_id"))
    .values(claimed=col(Offer.claimed) + 1)
    .returning(*columns_of(Offer)),
    Offer,
)


async def test_last_fifty_are_oversold_without_the_guard(
    drop: Drop,
    world: World,
    api: Client,
    monkeypatch: pytest.MonkeyPatch,
    database: Database,
    no_first_claims: None,
) -> None:
    monkeypatch.setattr(claims, "_count_claim", partial(count_claim, Meeting()))
    await drop("offer_capacity_check")
    answers, _, vouchers = await rush(world, [api], await limited_offer(world))
    assert answers["OK"] > 50
    assert vouchers > CAPACITY
    with pytest.raises(AssertionError, match=r"offer\.claimed differs"):
        await check_invariants(database)


async def test_last_fifty_are_held_by_the_constraint_alone(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch, no_first_claims: None
) -> None:
    async def unguarded(connection: asyncpg.Connection, offer_id: UUID) -> Offer:
        (offer,) = await UNGUARDED.fetch(connection, offer_id=offer_id)
        return offer

    async def unchecked(connection: asyncpg.Connection, offer_id: UUID) -> None: ...

    monkeypatch.setattr(claims, "_count_claim", unguarded)
    monkeypatch.setattr(claims, "_ensure_claimable", unchecked)
    # claimOffer does not declare the constraint's code: the guard never lets it come to that.
    monkeypatch.setattr(client, "ensure_declared", lambda answer: None)
    answers, _, vouchers = await rush(world, [api], await limited_offer(world))
    assert answers == {"OK": 50, "CAPACITY_BELOW_CLAIMED": 150}
    assert vouchers == CAPACITY
