"""Releases of money to vendors: a sub-order can no longer be returned, or a reserve has ended.

What a sub-order is worth to its vendor is read from its postings, and never computed again.
"""

from datetime import timedelta
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import exists_in, for_change
from models.ledger.accounts import Account, AccountKind
from models.ledger.entries import Leg, Posting, PostingKind
from models.orders.orders import Order, SubOrder
from models.orders.states import SubOrderState
from models.payments.disputes import Dispute
from models.payments.payments import Payment
from models.payments.refunds import Refund
from models.payouts.terms import PayoutTerms, SuborderRelease
from models.vendors import Vendor
from services.ledger.posting import find_legs, post_entries
from services.orders.parts import lock_part
from services.payouts.accounts.terms import PayoutPolicy
from services.payouts.changes import publish_change
from services.transaction import OpenTransaction, one_by_one

BATCH_SIZE = 100
SWEEP_DAYS = 30
DISPUTED = (PostingKind.DISPUTE, PostingKind.DISPUTE_WON, PostingKind.DISPUTE_LOST)
ENDED = (SubOrderState.RELEASED, SubOrderState.RETURNED, SubOrderState.CANCELLED)


async def find_account_of_part(session: AsyncSession, currency: str, suborder: SubOrder) -> Account:
    """Return the vendor's account that has the money of a sub-order, which is locked.

    A part that was returned or cancelled is released too, and its state stays as it is.
    """
    released = await is_released(session, suborder.id)
    kind = AccountKind.V_AVAILABLE if released else AccountKind.V_PENDING
    return Account(kind, currency, suborder.vendor_id)


async def is_released(session: AsyncSession, suborder_id: UUID) -> bool:
    """Return whether the money of a sub-order was released. It is locked."""
    rows = select(SuborderRelease.suborder_id).where(SuborderRelease.suborder_id == suborder_id)
    return (await session.exec(rows)).first() is not None


async def release_money(
    session: AsyncSession, order: Order, suborder: SubOrder, policy: PayoutPolicy
) -> None:
    """Release what a sub-order is worth to its vendor: a part into the reserve, the rest at once.

    The order and the sub-order are locked. A second call changes nothing.
    """
    if await is_released(session, suborder.id):
        return
    pending = Account(AccountKind.V_PENDING, order.currency, suborder.vendor_id)
    amount = await read_pending(session, order, suborder)
    vendor = await session.get_one(Vendor, suborder.vendor_id)
    terms = await session.get(PayoutTerms, suborder.vendor_id)
    reserve, moment = policy.reserve_of(vendor, terms), now()
    release = SuborderRelease(
        suborder_id=suborder.id,
        vendor_id=suborder.vendor_id,
        currency=order.currency,
        amount=amount,
        reserved=reserve.part_of(amount),
        released_at=moment,
    )
    release.reserve_until = reserve.end(moment) if release.reserved else None
    session.add(release)
    await session.flush()
    kept, available = (
        pending._replace(kind=kind) for kind in (AccountKind.V_RESERVE, AccountKind.V_AVAILABLE)
    )
    parts = ((kept, release.reserved), (available, amount - release.reserved))
    legs = [Leg(pending, target, part, suborder.id) for target, part in parts if part]
    if legs:
        await post_entries(session, Posting(PostingKind.RELEASE, suborder.id), legs)
        publish_change(session, suborder.vendor_id)


async def read_pending(session: AsyncSession, order: Order, suborder: SubOrder) -> int:
    """Return what the confirmation, refunds and disputes have left to a vendor of a sub-order.

    The order and the sub-order are locked, and the money is not released.
    """
    pending = Account(AccountKind.V_PENDING, order.currency, suborder.vendor_id)
    refunds = (await session.exec(select(Refund.id).where(Refund.order_id == order.id))).all()
    of_order = select(Dispute).join(Payment, col(Payment.id) == Dispute.payment_id)
    disputes = (await session.exec(of_order.where(Payment.order_id == order.id))).all()
    postings = [
        Posting(PostingKind.CONFIRM, order.id),
        *(Posting(PostingKind.GRANT, id) for id in refunds),
        *(
            Posting(kind, one.id, turn)
            for one in disputes
            for turn in range(1, one.turns + 1)
            for kind in DISPUTED
        ),
    ]
    found = await find_legs(session, *postings)
    legs = [leg for one in found.values() for leg in one if leg.source_id == suborder.id]
    credited = sum(leg.amount for leg in legs if leg.credit == pending)
    return max(0, credited - sum(leg.amount for leg in legs if leg.debit == pending))


async def release_ended(transaction: OpenTransaction, policy: PayoutPolicy) -> bool:
    """Release what is left of parts that have ended, such as of goods that came back used.

    It is a net for those that were released before. Returns whether there may be more.
    """
    done_before = exists_in(SuborderRelease, col(SuborderRelease.suborder_id) == col(SubOrder.id))
    rows = (
        select(SubOrder.id)
        .where(
            col(SubOrder.state).in_(ENDED),
            col(SubOrder.confirmed_at).is_not(None),
            col(SubOrder.ended_at) > now() - timedelta(days=SWEEP_DAYS),
            ~done_before,
        )
        .order_by(col(SubOrder.ended_at))
        .limit(BATCH_SIZE)
    )
    async with transaction() as session:
        ids = (await session.exec(rows)).all()

    async def release(session: AsyncSession, suborder_id: UUID) -> bool:
        part = await lock_part(session, suborder_id)
        if part.suborder.state not in ENDED:
            return False
        await release_money(session, part.order, part.suborder, policy)
        return True

    done = await one_by_one(transaction, ids, release)
    return len(ids) == BATCH_SIZE and done


async def unreserve_due(transaction: OpenTransaction) -> bool:
    """Release a batch of reserves whose time is over. Returns whether there may be more."""
    due = (
        select(SuborderRelease.suborder_id)
        .where(
            SuborderRelease.reserved > 0,
            col(SuborderRelease.unreserved_at).is_(None),
            col(SuborderRelease.reserve_until) <= now(),
        )
        .order_by(col(SuborderRelease.reserve_until))
        .limit(BATCH_SIZE)
    )
    async with transaction() as session:
        ids = (await session.exec(due)).all()
    done = await one_by_one(transaction, ids, unreserve)
    return len(ids) == BATCH_SIZE and done


async def unreserve(session: AsyncSession, suborder_id: UUID) -> bool:
    """Release the reserve of a sub-order if its time is over. Returns whether it did."""
    rows = select(SuborderRelease).where(SuborderRelease.suborder_id == suborder_id)
    release = (await session.exec(for_change(rows))).one()
    if release.unreserved_at or not release.reserve_until or release.reserve_until > now():
        return False
    release.unreserved_at = now()
    await session.flush()
    kept, available = (
        Account(kind, release.currency, release.vendor_id)
        for kind in (AccountKind.V_RESERVE, AccountKind.V_AVAILABLE)
    )
    leg = Leg(kept, available, release.reserved, suborder_id)
    await post_entries(session, Posting(PostingKind.UNRESERVE, suborder_id), [leg])
    publish_change(session, release.vendor_id)
    return True
