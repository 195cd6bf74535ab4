"""A user claims an offer twenty times concurrently, with a different key each time."""

from uuid import UUID

import asyncpg
import pytest

from core.database import Database
from models.offers.offers import Offer
from services.offers import claims
from tests.client import Client
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.races.conftest import Drop
from tests.races.crowd import claim_at_once, tally
from tests.races.meeting import held


async def uncounted(connection: asyncpg.Connection, offer_id: UUID) -> Offer:
    (offer,) = await claims.OFFER.fetch(connection, offer_id=offer_id)
    return offer


async def test_one_person_gets_no_more_than_the_limit(
    world: World, clients: list[Client], database: Database
) -> None:
    offer, user = await world.offer(await world.vendor(), per_user_limit=3), await world.user()
    answers = tally(await claim_at_once(clients, [user] * 20, offer))
    assert answers == {"OK": 3, "CLAIM_LIMIT_REACHED": 17}
    assert (await world.fresh(offer)).claimed == 3
    await check_invariants(database)


async def test_one_person_is_held_by_the_unique_turn_alone(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch, no_first_claims: None
) -> None:
    monkeypatch.setattr(claims, "_count_claim", uncounted)
    offer, user = await world.offer(await world.vendor(), per_user_limit=3), await world.user()
    answers = tally(await claim_at_once([api], [user] * 20, offer))
    assert answers["OK"] <= 3
    assert answers["OK"] + answers["CLAIM_LIMIT_REACHED"] == 20


async def test_one_person_gets_more_without_lock_and_unique_turn(
    drop: Drop,
    world: World,
    api: Client,
    monkeypatch: pytest.MonkeyPatch,
    database: Database,
    no_first_claims: None,
) -> None:
    """Every voucher gets the first number then."""
    monkeypatch.setattr(claims, "_count_claim", uncounted)
    await drop("voucher_claim_number_key")
    await drop("voucher_holder_number_key")
    offer, user = await world.offer(await world.vendor(), per_user_limit=3), await world.user()
    assert tally(await claim_at_once([api], [user] * 4, offer)) == {"OK": 4}
    with pytest.raises(AssertionError, match="two live vouchers with one claim number"):
        await check_invariants(database)


async def test_one_person_gets_more_in_one_statement_without_the_unique_turn(
    drop: Drop, world: World, api: Client, database: Database
) -> None:
    """Each statement finds no voucher of the user when it starts."""
    await drop("voucher_claim_number_key")
    await drop("voucher_holder_number_key")
    offer, user = await world.offer(await world.vendor(), per_user_limit=1), await world.user()
    async with held(database, f"SELECT 1 FROM offer WHERE id = '{offer.id}' FOR NO KEY UPDATE"):
        answers = tally(await claim_at_once([api], [user] * 2, offer))
    assert answers == {"OK": 2}
    with pytest.raises(AssertionError, match="two live vouchers with one claim number"):
        await check_invariants(database)
