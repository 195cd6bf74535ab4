"""The unit of work: refusals by constraint, effects after the commit, and the retry."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import cast

import pytest
from asyncpg.exceptions import ForeignKeyViolationError
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

import models.registry  # noqa: F401
from core.database import Database
from core.errors import Unavailable
from core.ids import new_id
from core.redis.pubsub import PubSub
from core.settings import Settings
from core.statements.inserts import insert_row
from models.bookings.claims import SlotTaken
from models.bookings.drafts import ClassBooked
from models.bookings.setting_up.policies import PolicyNameTaken
from models.bookings.setting_up.resources import MemberHasResource
from models.bookings.setting_up.schedules import ScheduleOverlaps
from models.bookings.waits import BookingWaitExists
from models.catalog.variants import SkuTaken, VariantExists
from models.categories import CategorySlugTaken
from models.chat.canned_replies import CannedReplyLimitReached, CannedReplyTitleTaken
from models.chat.contacts import ConversationLimitReached
from models.chat.reports import AlreadyReported
from models.downloads.keys import LicenseKeyTaken
from models.errors import Refusal
from models.events.check_in.lists import CheckInListTaken, GateTaken
from models.events.dates import EventDateTaken
from models.events.selling.holds import HoldExists
from models.events.selling.sale_queue import SaleQueueExists
from models.events.selling.waitlist import AlreadyWaiting
from models.events.ticket_types import QuotaBelowTaken, QuotaNameTaken
from models.fraud.settings import SettingsChanged
from models.gifts import InvalidGiftState, VoucherGivenBefore
from models.identity.accounts import EmailTaken, User
from models.identity.passkeys import PasskeyTaken
from models.ledger.tax_payments import TaxPaymentRecorded
from models.offers.offers import CapacityBelowClaimed, ClaimLimitReached, OfferLike
from models.orders.returns import ReturnOpen
from models.packs.subscriptions import AlreadySubscribed
from models.payments.recording import PaymentReferenceTaken
from models.payments.refunds import (
    DeliveryRefunded,
    RefundReferenceTaken,
    RefundTooLarge,
    UnitsRefunded,
)
from models.payouts.debts import DebtPaymentOpen
from models.payouts.payouts import PayoutOpen, PayoutReferenceTaken
from models.promos.codes import CapacityBelowUsed, PromoCodeTaken, PromoUseLimitReached
from models.redemptions.refusals import ScanIdUsed
from models.searches import SavedSearchNameTaken
from models.shipments import TrackingNumberTaken
from models.stock.levels import StockTooHigh
from models.taxes.rates import TaxRateOverlaps
from services.identity.addresses.sealed_addresses import seal_email
from services.journal import append as journal
from services.transaction import (
    Transactions,
    notification_delay,
    on_commit,
    retry_serialization_failure,
)
from tests.entries import Happened
from tests.factories.emails import email_of, give_email
from tests.factories.world import World
from tests.services.conftest import PublicationRecorder

RULES = text(
    """
    SELECT conname FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION SELECT indexname FROM pg_indexes WHERE schemaname = 'public'
    """
)


async def test_every_refusal_by_a_constraint_names_an_existing_one(database: Database) -> None:
    async with database.session() as session:
        rules = set((await session.execute(RULES)).scalars())
    assert Refusal.by_constraint.keys() <= rules
    assert set(Refusal.by_constraint.values()) == {
        AlreadySubscribed,
        BookingWaitExists,
        ClassBooked,
        MemberHasResource,
        PolicyNameTaken,
        SavedSearchNameTaken,
        ScheduleOverlaps,
        SlotTaken,
        DeliveryRefunded,
        LicenseKeyTaken,
        DebtPaymentOpen,
        TaxPaymentRecorded,
        PayoutOpen,
        PayoutReferenceTaken,
        EmailTaken,
        CategorySlugTaken,
        CapacityBelowClaimed,
        CapacityBelowUsed,
        ClaimLimitReached,
        ConversationLimitReached,
        AlreadyReported,
        CannedReplyLimitReached,
        CannedReplyTitleTaken,
        PasskeyTaken,
        PaymentReferenceTaken,
        PromoCodeTaken,
        PromoUseLimitReached,
        RefundReferenceTaken,
        RefundTooLarge,
        ReturnOpen,
        SkuTaken,
        StockTooHigh,
        TaxRateOverlaps,
        TrackingNumberTaken,
        UnitsRefunded,
        VariantExists,
        AlreadyWaiting,
        CheckInListTaken,
        EventDateTaken,
        GateTaken,
        HoldExists,
        QuotaBelowTaken,
        QuotaNameTaken,
        SaleQueueExists,
        InvalidGiftState,
        ScanIdUsed,
        SettingsChanged,
        VoucherGivenBefore,
    }


async def test_a_taken_address_is_refused_by_name(
    world: World, transactions: Transactions, recorder: PublicationRecorder
) -> None:
    user = await world.user()
    with pytest.raises(EmailTaken):
        async with transactions.begin() as session:
            twin = User(name="Twin", password_hash="")
            session.add(give_email(world.sealer, twin, email_of(user)))
            journal.append(session, Happened(user.id), to=["a"])
    assert await world.journal() == []
    assert recorder.published == []


async def test_a_rule_without_a_refusal_stays_a_fault(
    world: World, transactions: Transactions
) -> None:
    user = await world.user()
    with pytest.raises(IntegrityError):
        async with transactions.begin() as session:
            await session.execute(text("UPDATE \"user\" SET role = 'KING'"))
    with pytest.raises(ForeignKeyViolationError):  # deferred
        async with transactions.begin() as session:
            session.add(OfferLike(user_id=user.id, offer_id=new_id()))
            journal.append(session, Happened(user.id), to=["a"])
    assert await world.journal() == []


async def test_a_constraint_that_fails_at_the_commit_is_known_by_name(
    world: World, transactions: Transactions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without journal entries, deferred constraints are checked by COMMIT."""
    user = await world.user()
    monkeypatch.setitem(Refusal.by_constraint, "offer_like_offer_id_fkey", EmailTaken)
    for _ in range(2):
        with pytest.raises(EmailTaken):
            async with transactions.begin() as session:
                session.add(OfferLike(user_id=user.id, offer_id=new_id()))
        with pytest.raises(EmailTaken):
            async with transactions.begin_prepared() as unit:
                await insert_row(unit.connection, OfferLike(user_id=user.id, offer_id=new_id()))
    async with transactions.begin_prepared() as unit:
        assert await unit.connection.fetch("SELECT FROM offer_like") == []


async def test_effects_run_in_order_after_the_commit_and_the_signal(
    world: World, database: Database, transactions: Transactions, recorder: PublicationRecorder
) -> None:
    user, ran = await world.user(), []

    async def effect(number: int) -> None:
        async with database.session() as other:
            found = await other.get_one(User, user.id)
        ran.append((number, found.name, len(recorder.published)))

    async with transactions.begin() as session:
        (await session.get_one(User, user.id)).name = "Changed"
        journal.append(session, Happened(user.id), to=["a"])
        on_commit(session, lambda: effect(1))
        on_commit(session, lambda: effect(2))
        assert ran == []
    assert ran == [(1, "Changed", 1), (2, "Changed", 1)]


async def test_effects_of_a_rollback_never_run(transactions: Transactions) -> None:
    ran = []

    async def effect() -> None:
        ran.append(1)

    with pytest.raises(ZeroDivisionError):
        async with transactions.begin() as session:
            on_commit(session, effect)
            raise ZeroDivisionError
    assert ran == []


async def test_an_effect_that_fails_stops_neither_the_request_nor_the_next_effect(
    transactions: Transactions,
) -> None:
    ran = []

    async def broken() -> None:
        raise ConnectionError

    async def effect() -> None:
        ran.append(1)

    async with transactions.begin() as session:
        on_commit(session, broken)
        on_commit(session, effect)
    assert ran == [1]


async def test_the_delay_of_notifications_is_a_setting_of_the_process(database: Database) -> None:
    recorder, delay = PublicationRecorder(), timedelta(seconds=7)
    transactions = Transactions(database, cast("PubSub", recorder), notify_after=delay)
    async with transactions.begin() as session:
        assert notification_delay(session) == delay


async def test_a_deadlock_is_retried_once(world: World, transactions: Transactions) -> None:
    users, attempts = [await world.user(), await world.user()], 0
    both_locked, won = asyncio.Barrier(2), asyncio.Event()

    async def change(*order: User) -> str:
        nonlocal attempts
        attempts += 1
        first_attempt = attempts <= 2
        if not first_attempt:
            await won.wait()  # on a busy machine it could take the row before the one that waits
        async with transactions.begin() as session:
            for user in order:
                rename = text('UPDATE "user" SET name = name WHERE id = :id')
                await session.execute(rename, {"id": user.id})
                if first_attempt and user is order[0]:
                    await both_locked.wait()
        won.set()
        return "done"

    done = await asyncio.gather(
        retry_serialization_failure(lambda: change(*users)),
        retry_serialization_failure(lambda: change(*users[::-1])),
    )
    assert list(done) == ["done", "done"]
    assert attempts == 3


@pytest.mark.parametrize(("state", "attempts"), [("40P01", 2), ("40001", 2), ("23505", 1)])
async def test_only_deadlocks_and_serialization_failures_are_retried(
    database: Database, state: str, attempts: int
) -> None:
    ran = []

    async def fail() -> None:
        ran.append(1)
        async with database.session() as session:
            raising = f"DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '{state}'; END $$"
            await session.execute(text(raising))

    with pytest.raises(DBAPIError):
        await retry_serialization_failure(fail)
    assert len(ran) == attempts


async def test_a_prepared_transaction_is_committed_with_its_journal(
    world: World, transactions: Transactions, recorder: PublicationRecorder
) -> None:
    user, ran = await world.user(), []

    async def effect() -> None:
        ran.append(recorder.published[:])

    async with transactions.begin_prepared() as unit:
        await insert_row(unit.connection, User(name="A", password_hash=None))
        journal.append(unit, Happened(user.id), to=["a"])
        unit.info["effects"] = [effect]
    assert [topic for topic, *_ in await world.journal()] == ["a"]
    assert recorder.published == [{"a": 1}]
    assert ran == [[{"a": 1}]]


async def test_a_prepared_transaction_is_rolled_back(
    world: World, transactions: Transactions, recorder: PublicationRecorder
) -> None:
    user = await world.user()
    with pytest.raises(EmailTaken):
        async with transactions.begin_prepared() as unit:
            journal.append(unit, Happened(user.id), to=["a"])
            twin = User(name="A", password_hash="")
            seal_email(world.sealer, twin, email_of(user))
            await insert_row(unit.connection, twin)
    assert await world.journal() == []
    assert recorder.published == []


async def test_a_prepared_transaction_checks_constraints_with_each_statement(
    world: World, transactions: Transactions
) -> None:
    user = await world.user()
    like = OfferLike(user_id=user.id, offer_id=new_id())
    with pytest.raises(ForeignKeyViolationError):
        async with transactions.begin_prepared() as unit:
            await insert_row(unit.connection, like)
            pytest.fail("The constraint was not checked.")


@pytest.mark.parametrize("error", [asyncio.CancelledError, TimeoutError, RuntimeError])
async def test_a_failed_prepared_transaction_leaves_no_broken_connection(
    world: World, settings: Settings, error: type[BaseException]
) -> None:
    database = Database(settings.sqlalchemy_url, pool=1)
    user = await world.user()
    for _ in range(2):
        with suppress(error, Unavailable):
            async with database.prepared_transaction() as connection:
                await connection.execute("UPDATE \"user\" SET name = 'other'")
                raise error
    async with database.session() as session:
        assert (await session.get_one(User, user.id)).name == user.name
    await database.close()


async def test_a_cancelled_statement_does_not_cancel_the_next_one(settings: Settings) -> None:
    database = Database(settings.sqlalchemy_url, pool=1)

    async def sleep(seconds: float) -> None:
        async with database.prepared_transaction() as connection:
            await connection.execute("SELECT pg_sleep($1)", seconds)

    sleeping = asyncio.create_task(sleep(1))
    await asyncio.sleep(0.3)
    sleeping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sleeping
    await sleep(0.1)
    await database.close()
