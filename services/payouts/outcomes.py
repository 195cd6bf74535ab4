"""Outcomes of payouts: the one function for calls, webhooks, the poller and admins.

Money comes back to a vendor once, and leaves the platform once, in whatever order the
provider reports it.
"""

from uuid import UUID

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from gateways.payments.gateway import MoneyStatus, ProviderPayout
from models.ledger.accounts import Account, AccountKind
from models.ledger.entries import Leg, Posting, PostingKind
from models.notifications.inbox import NotificationKind
from models.payouts.payouts import Payout, PayoutCause, PayoutState
from services.ledger.posting import find_legs, post_entries
from services.payouts.access import lock_account, lock_payout
from services.payouts.accounts.accounts import restrict_account
from services.payouts.changes import publish_change
from services.payouts.notices import notify_owners_of
from services.payouts.reconciliation.answers import find_difference, note_difference

log = structlog.get_logger(__name__)


async def follow_answer(session: AsyncSession, payout_id: UUID, found: ProviderPayout) -> Payout:
    """Follow a payout as its provider has it.

    If the provider has another amount or currency, nothing changes: it is a discrepancy, until an
    admin has explained it.
    """
    payout = await lock_payout(session, payout_id)
    provider, cause = payout.rail.provider, find_difference(payout, found)
    if cause is not None and provider is not None and payout.has_left:
        log.error("payouts.wrong_money", payout_id=str(payout.id), cause=cause)
        if not await note_difference(session, provider, payout, found, cause):
            return payout
    return await follow_payout(
        session, payout.id, found.status, reference=found.reference, error=found.error
    )


async def follow_payout(
    session: AsyncSession,
    payout_id: UUID,
    status: MoneyStatus,
    *,
    reference: str | None = None,
    error: str | None = None,
) -> Payout:
    """Store the outcome of a payout, from a provider or an admin. A second call changes nothing.

    PAID is no end: a bank can return the money days later. A payout that was FAILED, and was paid
    nevertheless, is taken from the balance again.
    """
    payout = await lock_payout(session, payout_id)
    if not payout.has_left:
        return payout
    if reference is not None:
        payout.reference = reference
    if status is MoneyStatus.SUCCEEDED:
        await _pay(session, payout)
    elif status in {MoneyStatus.FAILED, MoneyStatus.CANCELLED}:
        await _take_back(session, payout, PayoutCause.PROVIDER, error)
    elif payout.state in {PayoutState.SENDING, PayoutState.UNKNOWN}:
        payout.state = PayoutState.IN_TRANSIT
        publish_change(session, payout.vendor_id, payout.id)
    return payout


async def refuse_payout(session: AsyncSession, payout_id: UUID, error: str) -> None:
    """Store that a provider has refused a payout: nothing was sent."""
    payout = await lock_payout(session, payout_id)
    if payout.state in {PayoutState.SENDING, PayoutState.UNKNOWN}:
        await _take_back(session, payout, PayoutCause.PROVIDER, error)


async def note_unknown(session: AsyncSession, payout_id: UUID) -> bool:
    """Note that it is unknown whether the provider has a payout. Returns whether that is new."""
    payout = await lock_payout(session, payout_id)
    if payout.state is not PayoutState.SENDING:
        return False
    payout.state = PayoutState.UNKNOWN
    publish_change(session, payout.vendor_id, payout.id)
    return True


async def return_payout(session: AsyncSession, payout: Payout, reason: str) -> None:
    """Store that the money of a payout came back, by two admins. It is locked."""
    await _take_back(session, payout, PayoutCause.RETURNED, reason)


async def give_back(session: AsyncSession, payout: Payout) -> None:
    """Post the money of a payout that was not sent back to the balance. It is locked."""
    target = _account(payout, AccountKind.V_AVAILABLE)
    leg = Leg(_account(payout, AccountKind.IN_TRANSIT), target, payout.amount)
    await post_entries(session, Posting(PostingKind.PAYOUT_BACK, payout.id), [leg])


async def _pay(session: AsyncSession, payout: Payout) -> None:
    if payout.state in {PayoutState.PAID, PayoutState.RETURNED}:
        return
    failed = payout.state is PayoutState.FAILED
    source = AccountKind.V_AVAILABLE if failed else AccountKind.IN_TRANSIT
    if payout.has_noted_return:
        payout.drop_return()
    payout.pay()
    await session.flush()
    leg = Leg(_account(payout, source), _outside(payout), payout.amount)
    await post_entries(session, Posting(PostingKind.PAYOUT_DONE, payout.id), [leg])
    if failed:
        log.warning("payouts.paid_after_failure", payout_id=str(payout.id))
    await notify_owners_of(session, payout.vendor_id, NotificationKind.PAYOUT_PAID, payout.id)
    publish_change(session, payout.vendor_id, payout.id)


async def _take_back(
    session: AsyncSession, payout: Payout, cause: PayoutCause, error: str | None
) -> None:
    """Give the money back to the vendor's balance once, and restrict the account."""
    if not (payout.state.is_underway or payout.state is PayoutState.PAID):
        return
    was_paid = payout.state is PayoutState.PAID
    back = Posting(PostingKind.PAYOUT_BACK, payout.id)
    if was_paid and (await find_legs(session, back))[back]:
        log.error("payouts.returned_twice", payout_id=str(payout.id))
        return
    state = PayoutState.RETURNED if was_paid else PayoutState.FAILED
    if payout.has_noted_return:
        payout.drop_return()
    payout.end(state, cause, error)
    await session.flush()
    if was_paid:
        leg = Leg(_outside(payout), _account(payout, AccountKind.V_AVAILABLE), payout.amount)
        await post_entries(session, back, [leg])
    else:
        await give_back(session, payout)
    account = await lock_account(session, payout.payout_account_id)
    await restrict_account(session, account, error)
    kind = NotificationKind.PAYOUT_RETURNED if was_paid else NotificationKind.PAYOUT_FAILED
    await notify_owners_of(session, payout.vendor_id, kind, payout.id)
    publish_change(session, payout.vendor_id, payout.id)


def _account(payout: Payout, kind: AccountKind) -> Account:
    return Account(kind, payout.currency, payout.vendor_id)


def _outside(payout: Payout) -> Account:
    """Return the account of the platform from which the money goes out."""
    kind = AccountKind.BANK if payout.rail.provider is None else AccountKind.PROVIDER
    return Account(kind, payout.currency)
