"""Refunds of purchases: what is left of a top-up, or the unused units of a pack.

The money goes back the way it came. That into a wallet is settled at once.
"""

from typing import Annotated, NamedTuple
from uuid import UUID

from pydantic import BaseModel
from pydantic import Field as Range
from sqlmodel import func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import for_change
from models.audit import AuditAct
from models.ledger.accounts import MAX_AMOUNT, Account, AccountKind
from models.ledger.entries import Leg, Posting, PostingKind
from models.packs.grants import PackGrant
from models.payments.disputes import PaymentDisputed
from models.payments.payments import Payment, PaymentProvider, PaymentStatus
from models.payments.refunds import (
    Refund,
    RefundNote,
    RefundPart,
    RefundReason,
    RefundTooLarge,
)
from models.pricing.amounts import part
from models.purchases import NothingToRefund, Purchase, PurchaseKind, PurchaseState
from services import idempotency, jobs
from services.audit import entries as audit
from services.ledger.posting import post_entries
from services.ledger.wallets import lock_wallet, refund_to_wallet
from services.orders.refunds.ways import ensure_refundable
from services.packs.entries import publish_balance
from services.packs.granting import post_earned
from services.payments.giving_back import send_back
from services.purchases.access import LockedPurchase, access_purchase
from services.purchases.entries import publish_purchase
from services.purchases.notices import notify_refunded
from services.purchases.postings import find_taken
from services.purchases.recording import ensure_of_other
from services.refunds.outcomes import settle_if_done
from services.viewer import Viewer


class PurchaseRefund(BaseModel, frozen=True):
    """Validated input of a refund: of the whole rest without an amount, in minor units."""

    amount_minor: Annotated[int, Range(ge=1, le=MAX_AMOUNT)] | None = None
    note: RefundNote | None = None


class Shares(NamedTuple):
    """Amounts that go back, in minor units: of the price, and of its tax."""

    net: int
    tax: int = 0

    @property
    def amount(self) -> int:
        return self.net + self.tax


async def refund_purchase(
    session: AsyncSession,
    viewer: Viewer,
    draft: PurchaseRefund,
    *,
    purchase_id: UUID,
    idempotency_key: str,
) -> Purchase:
    """Refund what can be refunded of a purchase, or an amount of a top-up, once per key.

    For admins. Raises `OwnPurchase`, `InvalidPurchaseState`, `NothingToRefund`, `RefundTooLarge`,
    and `PaymentDisputed` for what a bank has taken back, or decides about.
    """
    viewer.require_admin()
    claimed = await idempotency.claim(
        session,
        viewer,
        "refundPurchase",
        idempotency_key,
        purchase_id=purchase_id,
        **draft.model_dump(),
    )
    locked = await access_purchase(session, viewer, purchase_id)
    purchase = locked.purchase
    if claimed.replayed:
        return purchase
    await ensure_of_other(session, viewer, purchase)
    purchase.state.ensure_can_become(PurchaseState.REFUNDED)
    payment = next(one for one in locked.payments if one.status is PaymentStatus.SUCCEEDED)
    grant = await _lock_grant(session, purchase)
    shares = await _find_shares(session, purchase, payment, grant)
    if shares.amount <= 0:
        raise NothingToRefund
    if shares.amount > payment.refundable:
        raise PaymentDisputed
    await ensure_refundable(session, [payment])
    wanted = shares.amount if draft.amount_minor is None else draft.amount_minor
    if wanted > shares.amount or (wanted < shares.amount and grant is not None):
        raise RefundTooLarge
    shares = Shares(wanted) if grant is None else shares
    await _grant_refund(session, viewer, locked, payment, shares, draft.note, grant)
    audit.append(session, viewer, AuditAct.REFUND_PURCHASE, subject_id=purchase_id)
    await idempotency.record_result(session, claimed, purchase_id)
    return purchase


async def _find_shares(
    session: AsyncSession, purchase: Purchase, payment: Payment, grant: PackGrant | None
) -> Shares:
    """Return the most that can go back: what is not spent, or the share of the unused units.

    Nothing of a debt goes back: the money is in the vendor's balance, and is paid out from there.
    """
    if purchase.kind is PurchaseKind.DEBT:
        return Shares(0)
    if grant is None:
        balances = await lock_wallet(session, purchase.owner_id, purchase.currency)
        return Shares(min(payment.refundable, balances.get(AccountKind.WALLET, 0)))
    if not grant.is_open(now()) or not grant.remaining:
        return Shares(0)
    net, tax = (
        part(total, grant.granted, grant.used, grant.granted)
        for total in (purchase.net, purchase.tax)
    )
    return Shares(min(net, grant.net - grant.earned), tax)


async def _grant_refund(
    session: AsyncSession,
    viewer: Viewer,
    locked: LockedPurchase,
    payment: Payment,
    shares: Shares,
    note: str | None,
    grant: PackGrant | None,
) -> None:
    purchase = locked.purchase
    refund = Refund(
        purchase_id=purchase.id,
        reason=RefundReason.CANCELLED,
        amount=shares.amount,
        note=note,
        granted_by_id=viewer.user_id,
    )
    way = RefundPart(
        refund_id=refund.id,
        payment_id=payment.id,
        provider=payment.provider,
        amount=shares.amount,
    )
    payment.refunded += shares.amount
    if grant is not None or payment.refunded == payment.captured:
        purchase.become(PurchaseState.REFUNDED)
    session.add_all([refund, way])
    await session.flush()
    await _post_grant(session, purchase, refund, shares)
    if grant is not None:
        await _end_grant(session, grant, shares)
    if payment.provider is PaymentProvider.WALLET:
        await _pay_into_wallet(session, purchase, refund, way)
    await send_back(session, way)
    publish_purchase(session, purchase)
    await jobs.defer(session, "issue_credit_notes", refund_id=refund.id)
    number = select(func.count()).select_from(Refund).where(Refund.purchase_id == purchase.id)
    await notify_refunded(session, purchase, (await session.exec(number)).one())


async def _post_grant(
    session: AsyncSession, purchase: Purchase, refund: Refund, shares: Shares
) -> None:
    """Post that the money is owed to the buyer."""
    due, tax, deferred = (
        Account(kind, purchase.currency)
        for kind in (AccountKind.REFUND_DUE, AccountKind.GST_OUT, AccountKind.PACK_DEFERRED)
    )
    wallet = Account(AccountKind.WALLET, purchase.currency, purchase.owner_id)
    source = wallet if purchase.kind is PurchaseKind.TOP_UP else deferred
    legs = [Leg(source, due, shares.net), Leg(tax, due, shares.tax)]
    posting = Posting(PostingKind.GRANT, refund.id)
    await post_entries(session, posting, [leg for leg in legs if leg.amount])


async def _end_grant(session: AsyncSession, grant: PackGrant, shares: Shares) -> None:
    """End the quota. What an upgrade had moved to it beyond its price is earned."""
    grant.net -= shares.net
    rest = grant.end(now())
    await session.flush()
    await post_earned(session, grant, rest)
    publish_balance(session, grant.vendor_id)


async def _pay_into_wallet(
    session: AsyncSession, purchase: Purchase, refund: Refund, way: RefundPart
) -> None:
    """Give back to the balance first, then promotional money. A pack is refunded once."""
    taken = await find_taken(session, purchase)
    await refund_to_wallet(
        session,
        user_id=purchase.owner_id,
        currency=purchase.currency,
        refund_part_id=way.id,
        subject_id=purchase.id,
        amount=way.amount,
        promo=max(0, way.amount - taken.balance),
    )
    way.settle()
    await settle_if_done(session, refund)


async def _lock_grant(session: AsyncSession, purchase: Purchase) -> PackGrant | None:
    if purchase.kind is not PurchaseKind.PACK:
        return None
    rows = select(PackGrant).where(PackGrant.purchase_id == purchase.id)
    return (await session.exec(for_change(rows))).one()
