"""The unit of work: what the database refuses comes back as the refusal of that name."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

import models.registry  # noqa: F401
from core.database import Database
from core.ids import new_id
from models.chat.canned_replies import CannedReplyLimitReached, CannedReplyTitleTaken
from models.chat.contacts import ConversationLimitReached
from models.chat.reports import AlreadyReported
from models.errors import Refusal
from models.identity.accounts import EmailTaken, User
from models.offers.offers import CapacityBelowClaimed, ClaimLimitReached, OfferLike
from services.journal import append as journal
from services.transaction import Transactions
from tests.entries import Happened
from tests.factories.redemptions import Till
from tests.factories.world import World
from tests.services.conftest import Heard

RULES = text(
    """
    SELECT conname FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION SELECT indexname FROM pg_indexes WHERE schemaname = 'public'
    """
)


async def test_every_refusal_by_a_constraint_names_one_there_is(database: Database) -> None:
    async with database.session() as session:
        rules = set((await session.execute(RULES)).scalars())
    assert Refusal.by_constraint.keys() <= rules
    assert set(Refusal.by_constraint.values()) == {
        EmailTaken,
        CapacityBelowClaimed,
        ClaimLimitReached,
        ConversationLimitReached,
        AlreadyReported,
        CannedReplyLimitReached,
        CannedReplyTitleTaken,
    }


async def test_a_taken_address_is_refused_by_name(
    world: World, transactions: Transactions, heard: Heard
) -> None:
    user = await world.user()
    with pytest.raises(EmailTaken):
        async with transactions.begin() as session:
            session.add(User(email=user.email.upper(), name="Twin", password_hash=""))
            journal.append(session, Happened(user.id), to=["a"])
    assert await world.journal() == []
    assert heard.announced == []


async def test_a_capacity_below_the_claims_is_refused_by_name(
    world: World, transactions: Transactions
) -> None:
    till = await Till.open(world, capacity=5, claimed=4)
    with pytest.raises(CapacityBelowClaimed):
        async with transactions.begin() as session:
            till.offer.capacity = 3
            await session.merge(till.offer)
    assert (await world.fresh(till.offer)).capacity == 5


async def test_a_turn_taken_twice_is_refused_by_name(
    world: World, transactions: Transactions
) -> None:
    till = await Till.open(world)
    voucher = await till.voucher()
    twin = voucher.model_dump() | {"id": new_id(), "code": "other"}
    with pytest.raises(ClaimLimitReached):
        async with transactions.begin() as session:
            session.add(type(voucher)(**twin))


async def test_a_rule_without_a_refusal_stays_a_fault(
    world: World, transactions: Transactions
) -> None:
    user = await world.user()
    with pytest.raises(IntegrityError):
        async with transactions.begin() as session:
            await session.execute(text("UPDATE \"user\" SET role = 'KING'"))
    with pytest.raises(IntegrityError):
        async with transactions.begin() as session:
            session.add(OfferLike(user_id=user.id, offer_id=new_id()))
            journal.append(session, Happened(user.id), to=["a"])
    assert await world.journal() == []
