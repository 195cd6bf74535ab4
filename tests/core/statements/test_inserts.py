"""Inserts of whole rows: defaults, values, and the record that is returned."""

from datetime import UTC, datetime

import pytest

from core.database import Database
from core.ids import new_id
from core.statements.inserts import insert_if_free, insert_new
from core.statements.selected import columns_of
from models.offers.offers import OfferLike
from models.redemptions import Voucher, VoucherState
from tests.factories.world import World

TIME = datetime(2030, 1, 1, tzinfo=UTC)


async def test_a_new_row_has_the_defaults_of_its_class(world: World, database: Database) -> None:
    vendor, user = await world.vendor(), await world.user()
    offer, id = await world.offer(vendor), new_id()
    given = {
        "id": id,
        "offer_id": offer.id,
        "vendor_id": vendor.id,
        "user_id": user.id,
        "claim_number": 2,
        "holder_number": 2,
        "code": "7QX4M-2K9TD",
        "token": "signed",
        "starts_at": TIME,
        "expires_at": TIME,
    }
    async with database.prepared_transaction() as connection:
        made = await insert_new(connection, Voucher, **given)
    async with database.session() as session:
        stored = await session.get_one(Voucher, id)
    read = {one.key for one in columns_of(Voucher)}
    row = stored.model_dump(include=read)
    assert {name: getattr(made, name) for name in row} == row
    assert row == {
        **given,
        "created_at": stored.created_at,
        "giver_id": None,
        "generation": 1,
        "uses": 0,
        "state": VoucherState.CLAIMED,
        "redeemed_at": None,
        "cancelled_at": None,
        "held_at": None,
        "terms_id": None,
        "max_uses": 1,
        "used": 0,
        "value_minor": None,
        "balance_minor": None,
        "last_step": None,
    }


async def test_a_row_is_inserted_only_if_its_place_is_free(
    world: World, database: Database
) -> None:
    user, offer = await world.user(), await world.offer(await world.vendor())
    like = {"user_id": user.id, "offer_id": offer.id}
    async with database.prepared_transaction() as connection:
        made = await insert_if_free(connection, OfferLike, **like)
        assert made
        assert made.offer_id == offer.id
        assert await insert_if_free(connection, OfferLike, **like) is None


async def test_a_value_is_missing(database: Database) -> None:
    with pytest.raises(TypeError, match="offer_id"):
        async with database.prepared_transaction() as connection:
            await insert_new(connection, Voucher, id=new_id())
