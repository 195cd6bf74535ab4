"""The answer of a call, a webhook and the poller settle a refund at once: it is settled once."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from sqlmodel import select

from gateways.payments.gateway import MoneyStatus, ProviderRefund
from models.ledger.entries import LedgerEntry
from models.notifications.inbox import Notification, NotificationKind
from models.orders.timeline import OrderStep, OrderStepKind
from models.payments.calls import CallPurpose, ProviderCall
from models.payments.payments import PaymentProvider
from models.payments.refunds import Refund, RefundPart, RefundPartState, RefundReason, RefundState
from services.refunds import outcomes, rows
from services.refunds.sending import Refunding
from services.transaction import Transactions
from tests.factories.buying import Unheard
from tests.factories.orders import PlacedOrder
from tests.factories.world import World
from tests.races.meeting import Meeting, held

Door = Callable[[], Awaitable[None]]


class Sent:
    """A refund by card that the provider has made. Its outcome comes by three doors."""

    def __init__(self, world: World, placed: PlacedOrder, part: RefundPart) -> None:
        self.world, self.placed, self.part = world, placed, part
        self._transactions = Transactions(world.database, Unheard())
        self._found = ProviderRefund(
            reference="re_1",
            refund_part_id=part.id,
            payment_reference="pi_1",
            status=MoneyStatus.SUCCEEDED,
            amount=part.amount,
            currency=placed.order.currency,
        )

    @classmethod
    async def make(cls, world: World) -> "Sent":
        placed = await world.placed_order(await world.user(), [await world.vendor()])
        refund = Refund(
            order_id=placed.order.id,
            reason=RefundReason.CANCELLED,
            state=RefundState.SETTLING,
            amount=100,
        )
        part = RefundPart(
            refund_id=refund.id,
            payment_id=placed.payments[0].id,
            provider=PaymentProvider.STRIPE,
            part_state=RefundPartState.SENT,
            amount=100,
        )
        await world.save(refund, part)
        return cls(world, placed, part)

    @property
    def doors(self) -> list[Door]:
        return [self._answer, self._webhook, self._poll]

    async def _answer(self) -> None:
        key = ProviderCall.key_of(self.part.id, CallPurpose.REFUND, 1)
        call = ProviderCall(
            provider=PaymentProvider.STRIPE,
            subject_id=self.part.id,
            purpose=CallPurpose.REFUND,
            key=key,
            request_hash=b"",
        )
        async with self._transactions.begin() as session:
            await Refunding().done(session, call, self._found)

    async def _webhook(self) -> None:
        async with self._transactions.begin() as session:
            assert await outcomes.apply_refund(session, PaymentProvider.STRIPE, self._found)

    async def _poll(self) -> None:
        async with self._transactions.begin() as session:
            await outcomes.settle_refund_part(session, self.part.id, self._found)

    async def settled(self) -> tuple[int, int]:
        """Return how often it was settled by the timeline, and how often the ledger moved."""
        steps = select(OrderStep).where(
            OrderStep.order_id == self.placed.order.id,
            OrderStep.kind == OrderStepKind.REFUND_SETTLED,
        )
        moved = select(LedgerEntry).where(LedgerEntry.posting == f"refund:{self.part.id}")
        async with self.world.database.session() as session:
            return len((await session.exec(steps)).all()), len((await session.exec(moved)).all())


async def test_three_doors_that_wait_for_one_lock_settle_once(world: World) -> None:
    """The test holds the lock until all of them wait, so each one meets the others."""
    sent = await Sent.make(world)
    async with held(world.database, 'SELECT FROM "order" FOR UPDATE', waiting=len(sent.doors)):
        await asyncio.gather(*(door() for door in sent.doors))
    assert await sent.settled() == (1, 1)
    assert (await world.fresh(sent.part)).part_state is RefundPartState.SETTLED
    told = select(Notification).where(Notification.kind == NotificationKind.REFUND_SETTLED)
    async with world.database.session() as session:
        assert len((await session.exec(told)).all()) == 1


async def test_without_the_locks_it_is_settled_three_times(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: all have read the part before one of them writes."""
    sent = await Sent.make(world)
    all_have_read = Meeting(len(sent.doors))
    monkeypatch.setattr(rows, "for_change", lambda selected: selected)
    monkeypatch.setattr("services.orders.access.for_change", lambda selected: selected)
    monkeypatch.setattr(outcomes, "lock_refund_part", all_have_read.after(rows.lock_refund_part))
    monkeypatch.setattr(outcomes, "notify_all", _skip)
    await asyncio.gather(*(door() for door in sent.doors))
    assert (await sent.settled())[0] == len(sent.doors)


async def _skip(session: object, notices: object) -> None:
    """Send no notices: the key of notifications would end the second transaction."""
