"""The unit of work knows which public tables a transaction has changed."""

from collections.abc import Awaitable, Callable, Collection
from typing import cast

import pytest
from sqlalchemy import delete, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import Database
from core.redis.pubsub import PubSub
from models.offers.offers import Offer, OfferLike
from models.pictures import OfferPicture
from models.vendors import Vendor
from services.transaction import Transactions
from tests.factories.world import World
from tests.services.conftest import PublicationRecorder

Noted = list[Collection[str]]
Change = Callable[[AsyncSession, Offer], Awaitable[None]]


@pytest.fixture
def noted() -> Noted:
    return []


@pytest.fixture
def transactions(database: Database, recorder: PublicationRecorder, noted: Noted) -> Transactions:
    return Transactions(database, cast("PubSub", recorder), note_changes=noted.append)


async def flush_row(session: AsyncSession, offer: Offer) -> None:
    (await session.get_one(Offer, offer.id)).per_user_limit = 7


async def update_rows(session: AsyncSession, offer: Offer) -> None:
    await session.exec(update(Offer).where(col(Offer.id) == offer.id).values(per_user_limit=7))


async def delete_rows(session: AsyncSession, offer: Offer) -> None:
    await session.exec(delete(OfferPicture).where(col(OfferPicture.offer_id) == offer.id))


@pytest.mark.parametrize(
    ("change", "table"),
    [
        (flush_row, "offer"),
        (update_rows, "offer"),
        (delete_rows, "offer_picture"),
    ],
)
async def test_a_change_is_noted_after_the_commit(
    world: World,
    transactions: Transactions,
    noted: Noted,
    change: Change,
    table: str,
) -> None:
    offer = await world.offer(await world.vendor())
    async with transactions.begin() as session:
        await change(session, offer)
        await session.flush()
        assert noted == []
    assert noted == [{table}]


async def test_what_was_read_or_is_not_public_is_not_noted(
    world: World, transactions: Transactions, noted: Noted
) -> None:
    offer, user = await world.offer(await world.vendor()), await world.user()
    async with transactions.begin() as session:
        await session.exec(select(Vendor))
        row = await session.get_one(Offer, offer.id)
        row.per_user_limit = row.per_user_limit
        session.add(OfferLike(offer_id=offer.id, user_id=user.id))
    assert not any(noted)


async def test_a_transaction_that_is_rolled_back_notes_nothing(
    world: World, transactions: Transactions, noted: Noted
) -> None:
    offer = await world.offer(await world.vendor())
    with pytest.raises(RuntimeError):
        async with transactions.begin() as session:
            await update_rows(session, offer)
            raise RuntimeError
    assert noted == []
