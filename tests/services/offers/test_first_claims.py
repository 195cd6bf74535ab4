"""Claims in one statement: what they write, and what they leave to the steps of other claims."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import select

from core.database import Database
from core.ids import new_id
from core.security.signing_keys import SigningKeys
from models.errors import IdempotencyInProgress, Refusal
from models.idempotency import IdempotencyKey
from models.identity.accounts import User
from models.offers.offers import Offer, OfferNotClaimable, OfferSoldOut
from models.redemptions import Voucher
from models.vendors import VendorSuspended
from services.journal.topics import user_topic, vendor_topic
from services.offers import claims
from services.transaction import Transactions
from services.viewer import Viewer
from tests.factories.world import World
from tests.races.meeting import waits_or_ends
from tests.services.conftest import PublicationRecorder

Claim = Callable[..., Coroutine[Any, Any, Voucher]]
PAUSE = "UPDATE offer SET state = 'PAUSED'"
SELL_OUT = "UPDATE offer SET claimed = capacity"
SUSPEND = "UPDATE vendor SET status = 'SUSPENDED'"
KEY = "INSERT INTO idempotency_key VALUES (:user, 'claimOffer', 'k', '', NULL, now())"


@pytest.fixture
def claim(transactions: Transactions, keys: SigningKeys) -> Claim:
    async def claim(offer: Offer, user: User, key: str = "k") -> Voucher:
        async with transactions.begin_on_demand(offer.id) as unit:
            viewer = Viewer(user.id, user.id)
            return await claims.claim_offer(
                unit, viewer, keys, offer_id=offer.id, idempotency_key=key
            )

    return claim


@pytest.fixture
def first_only(monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*_: Any, **__: Any) -> None:
        raise AssertionError("One statement was not enough.")

    monkeypatch.setattr(claims, "_claim_next", fail)


async def count_keys(database: Database) -> int:
    async with database.session() as session:
        return len((await session.exec(select(IdempotencyKey))).all())


async def test_a_first_claim_needs_one_statement(
    world: World, claim: Claim, recorder: PublicationRecorder, first_only: None
) -> None:
    offer, user = await world.offer(await world.vendor()), await world.user()
    voucher = await claim(offer, user)
    topics = {user_topic(user.id): 1, vendor_topic(offer.vendor_id): 1}
    assert (voucher.claim_number, voucher.offer_id, voucher.user_id) == (1, offer.id, user.id)
    assert (voucher.starts_at, voucher.expires_at) == (offer.starts_at, offer.ends_at)
    assert recorder.published == [topics]
    assert (await claim(offer, user)).id == voucher.id


async def test_a_further_claim_writes_the_same_entries(
    world: World, claim: Claim, recorder: PublicationRecorder
) -> None:
    offer, user = await world.offer(await world.vendor(), per_user_limit=2), await world.user()
    made = [await claim(offer, user, key) for key in ("first", "second")]
    topics = user_topic(user.id), vendor_topic(offer.vendor_id)
    assert [one.claim_number for one in made] == [1, 2]
    assert recorder.published == [dict.fromkeys(topics, seq) for seq in (1, 2)]
    entries = [tuple(entry) for entry in await world.journal()]
    assert sorted(entry[:2] for entry in entries) == sorted((t, s) for t in topics for s in (1, 2))
    assert {entry[2] for entry in entries} == {"voucher.claimed"}


@pytest.mark.parametrize(
    ("change", "refusal"),
    [(PAUSE, OfferNotClaimable), (SELL_OUT, OfferSoldOut), (SUSPEND, VendorSuspended)],
)
async def test_a_claim_that_is_overtaken_is_refused_and_frees_its_key(
    world: World, claim: Claim, database: Database, change: str, refusal: type[Refusal]
) -> None:
    """The change is committed while the statement waits for its lock."""
    offer, user = await world.offer(await world.vendor(), capacity=9), await world.user()
    async with database.session() as session, session.begin():
        await session.execute(text(change))
        claiming = asyncio.create_task(claim(offer, user))
        await waits_or_ends(database, claiming)
    with pytest.raises(refusal):
        await claiming
    assert await count_keys(database) == 0


async def test_a_claim_waits_for_its_key_before_it_locks_the_vendor(
    world: World, claim: Claim, database: Database
) -> None:
    offer, user = await world.offer(await world.vendor()), await world.user()
    async with database.session() as session, session.begin():
        await session.execute(text(KEY), {"user": user.id})
        claiming = asyncio.create_task(claim(offer, user))
        await waits_or_ends(database, claiming)
        for table in ("vendor", "offer"):
            await session.execute(text(f"SELECT 1 FROM {table} FOR UPDATE NOWAIT"))
        await session.rollback()
    assert (await claiming).claim_number == 1


async def test_a_claim_locks_the_vendor_before_it_waits_for_the_offer(
    world: World, claim: Claim, database: Database
) -> None:
    offer, user = await world.offer(await world.vendor()), await world.user()
    async with database.session() as session, session.begin():
        await session.execute(text("SELECT 1 FROM offer FOR NO KEY UPDATE"))
        claiming = asyncio.create_task(claim(offer, user))
        await waits_or_ends(database, claiming)
        free = text("SELECT id FROM vendor FOR NO KEY UPDATE SKIP LOCKED")
        assert (await session.execute(free)).all() == []
    assert (await claiming).claim_number == 1


async def test_a_key_that_is_in_use_for_long_is_refused(
    world: World, claim: Claim, database: Database
) -> None:
    offer, user = await world.offer(await world.vendor()), await world.user()
    async with database.session() as session, session.begin():
        await session.execute(text(KEY), {"user": user.id})
        with pytest.raises(IdempotencyInProgress):
            await claim(offer, user)


async def test_a_row_that_does_not_exist_fails_the_claim(
    world: World, claim: Claim, database: Database
) -> None:
    """The constraints of foreign keys are deferred, so the commit of the statement fails."""
    offer = await world.offer(await world.vendor())
    with pytest.raises(Exception, match="voucher_user_id_fkey"):
        await claim(offer, User(id=new_id(), name="Nobody", password_hash=None))
    assert (await world.fresh(offer)).claimed == 0
    assert await count_keys(database) == 0
