"""Payout accounts: set by owners, checked by providers, closed when another one replaces them."""

from typing import NamedTuple
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.ids import new_id
from core.security.sealed import Sealer
from gateways.payments.gateway import ProviderAccount
from models.audit import AuditAct
from models.members import Permission
from models.notifications.inbox import NotificationKind
from models.payouts.accounts import (
    MAX_PROBLEM,
    PayoutAccount,
    PayoutAccountMissing,
    PayoutAccountState,
    PayoutRail,
)
from models.payouts.banks import BankDraft
from models.vendors import Vendor
from services import idempotency, jobs
from services.audit import entries as audit
from services.payouts.access import find_account, lock_account, visible_payout_accounts
from services.payouts.changes import publish_change
from services.payouts.notices import notify_owners_of
from services.payouts.rails import RailOffers
from services.payouts.starting import cancel_planned
from services.vendors.access import access_vendor
from services.viewer import Viewer

HASH_KIND = "BANK"


class Onboarding(NamedTuple):
    """An account whose vendor enters its details on a page of the provider."""

    account: PayoutAccount
    vendor: Vendor


async def begin_onboarding(
    session: AsyncSession, viewer: Viewer, offers: RailOffers, *, vendor_id: UUID, rail: PayoutRail
) -> Onboarding:
    """Open an account that the vendor completes at the provider, or return the one that it has.

    An account on another rail is closed. The vendor is locked. Raises `RailNotOffered`.
    """
    vendor = await access_vendor(session, viewer, vendor_id, Permission.MANAGE_PAYOUTS, change=True)
    offers.ensure_onboarding(rail, vendor.currency)
    account = await find_account(session, vendor_id, vendor.currency)
    if account is not None and account.rail is rail:
        return Onboarding(account, vendor)
    account = PayoutAccount(
        vendor_id=vendor_id,
        currency=vendor.currency,
        rail=rail,
        country=vendor.country,
        usable_from=PayoutAccount.wait(),
        set_by=viewer.require_user(),
    )
    await _replace(session, viewer, account)
    return Onboarding(account, vendor)


async def set_payout_account(
    session: AsyncSession,
    viewer: Viewer,
    sealer: Sealer,
    offers: RailOffers,
    *,
    vendor_id: UUID,
    draft: BankDraft,
    idempotency_key: str,
) -> PayoutAccount:
    """Set the bank account of a vendor, and notify all owners. It is usable after 48 hours.

    A provider's rail checks it in a job. The same details change nothing. Raises `RailNotOffered`
    and `InvalidInput`.
    """
    claimed = await idempotency.claim(
        session,
        viewer,
        "setPayoutAccount",
        idempotency_key,
        vendor_id=vendor_id,
        rail=draft.rail,
        bank=_hash(draft, sealer),
    )
    if claimed.replayed is not None:
        rows = visible_payout_accounts(viewer).where(PayoutAccount.id == claimed.replayed)
        return (await session.exec(rows)).one()
    vendor = await access_vendor(session, viewer, vendor_id, Permission.MANAGE_PAYOUTS, change=True)
    offers.ensure_bank(draft.rail, vendor.currency)
    draft.ensure_for(vendor.currency)
    account = await find_account(session, vendor_id, vendor.currency)
    if account is None or not _is_same(account, draft, sealer):
        account = _new_account(viewer, sealer, vendor, draft)
        await _replace(session, viewer, account)
        if draft.rail.provider is not None:
            await jobs.defer(session, "register_payout_account", payout_account_id=account.id)
    await idempotency.record_result(session, claimed, account.id)
    return account


def _new_account(viewer: Viewer, sealer: Sealer, vendor: Vendor, draft: BankDraft) -> PayoutAccount:
    """Return an account with its details. One that no provider checks is ACTIVE."""
    account = PayoutAccount(
        id=new_id(),
        vendor_id=vendor.id,
        currency=vendor.currency,
        rail=draft.rail,
        country=draft.country(vendor.currency),
        bank_code=draft.bank_code,
        usable_from=PayoutAccount.wait(),
        set_by=viewer.require_user(),
    )
    account.seal_bank(sealer, holder=draft.holder, account_number=draft.number)
    if draft.rail.provider is None:
        account.activate()
    return account


def _hash(draft: BankDraft, sealer: Sealer) -> str:
    """Return a hash with our key: a plain one of a number could be found out by trying all."""
    details = "|".join((draft.holder, draft.bank_code or "", draft.number))
    return sealer.lookup(HASH_KIND, details).oldest.hex()


def _is_same(account: PayoutAccount, draft: BankDraft, sealer: Sealer) -> bool:
    return (
        account.rail is draft.rail
        and account.bank_code == draft.bank_code
        and account.open_bank(sealer) == (draft.holder, draft.number)
    )


async def _replace(session: AsyncSession, viewer: Viewer, account: PayoutAccount) -> None:
    """Insert an account in place of the one that is open, and notify all owners."""
    former = await find_account(session, account.vendor_id, account.currency)
    if former is not None:
        former.close()
        await cancel_planned(session, former)
        await session.flush()
    session.add(account)
    await session.flush()
    audit.append(session, viewer, AuditAct.SET_PAYOUT_ACCOUNT, subject_id=account.id)
    kind = NotificationKind.PAYOUT_ACCOUNT_CHANGED
    await notify_owners_of(session, account.vendor_id, kind, account.id)
    publish_change(session, account.vendor_id)


async def close_payout_account(
    session: AsyncSession, viewer: Viewer, *, vendor_id: UUID
) -> PayoutAccount:
    """Close the account of a vendor: it is paid out no more. Raises `PayoutAccountMissing`."""
    vendor = await access_vendor(session, viewer, vendor_id, Permission.MANAGE_PAYOUTS, change=True)
    account = await find_account(session, vendor_id, vendor.currency)
    if account is None:
        raise PayoutAccountMissing
    account.close()
    await cancel_planned(session, account)
    audit.append(session, viewer, AuditAct.CLOSE_PAYOUT_ACCOUNT, subject_id=account.id)
    publish_change(session, vendor_id)
    return account


async def follow_account(
    session: AsyncSession, payout_account_id: UUID, found: ProviderAccount
) -> None:
    """Store the state of an account at its provider. A second call changes nothing.

    For the job, the webhook and the poller. A CLOSED one stays as it is.
    """
    account = await lock_account(session, payout_account_id)
    if not account.is_open:
        return
    account.reference = found.reference
    if found.last4 and len(found.last4) == 4:
        await _follow_bank(session, account, found.last4.upper())
    if found.can_receive:
        if account.state is not PayoutAccountState.ACTIVE:
            account.activate()
            publish_change(session, account.vendor_id)
        return
    problem = ", ".join(found.missing)[:MAX_PROBLEM] or None
    if account.state is PayoutAccountState.ONBOARDING:
        account.problem = problem
    else:
        await restrict_account(session, account, problem)


async def _follow_bank(session: AsyncSession, account: PayoutAccount, last4: str) -> None:
    """Store the end of a number. One that was changed at the provider waits as any change does."""
    former, account.last4 = account.last4, last4
    if former is None or former == last4:
        return
    account.usable_from = PayoutAccount.wait()
    await session.flush()
    kind, number = NotificationKind.PAYOUT_ACCOUNT_CHANGED, int(now().timestamp())
    await notify_owners_of(session, account.vendor_id, kind, account.id, number=number)
    publish_change(session, account.vendor_id)


async def restrict_account(
    session: AsyncSession, account: PayoutAccount, problem: str | None
) -> None:
    """Note that a locked account cannot get money, and notify the owners if that is new."""
    if not account.is_open:
        return
    was = account.restrictions
    account.restrict(problem)
    if account.restrictions > was:
        await session.flush()
        kind = NotificationKind.PAYOUT_ACCOUNT_RESTRICTED
        await notify_owners_of(
            session, account.vendor_id, kind, account.id, number=account.restrictions
        )
        publish_change(session, account.vendor_id)
