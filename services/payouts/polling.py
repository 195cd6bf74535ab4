"""Asks providers about payouts and accounts: the net below their webhooks."""

from datetime import timedelta
from uuid import UUID

import structlog
from sqlmodel import and_, col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import exists_in
from core.security.sealed import Sealer
from gateways.payments.errors import PaymentProviderError, ProviderRefused
from gateways.payments.gateway import (
    NewPayoutAccount,
    PaymentGateway,
    PaymentGateways,
    ProviderPayout,
)
from models.payments.calls import CallPurpose, CallState, ProviderCall
from models.payments.payments import PaymentProvider
from models.payouts.accounts import PayoutAccount, PayoutAccountState, PayoutRail
from models.payouts.payouts import Payout, PayoutState
from models.vendors import Vendor
from services.payouts.access import lock_account
from services.payouts.accounts.accounts import follow_account, restrict_account
from services.payouts.outcomes import follow_answer, note_unknown
from services.transaction import OpenTransaction, one_by_one

BATCH_SIZE = 200
RETURN_DAYS = 10  # in which banks send payouts back

log = structlog.get_logger(__name__)


async def poll_payouts(transaction: OpenTransaction, gateways: PaymentGateways) -> None:
    """Ask about payouts that are underway, or were paid within the last days."""
    recent = and_(
        Payout.state == PayoutState.PAID,
        col(Payout.paid_at) > now() - timedelta(days=RETURN_DAYS),
    )
    underway = col(Payout.state).in_(
        [PayoutState.SENDING, PayoutState.UNKNOWN, PayoutState.IN_TRANSIT]
    )
    rows = (
        select(Payout)
        .where(
            or_(underway, recent),
            Payout.rail != PayoutRail.BANK_FILE,
            col(Payout.reference).is_not(None),
        )
        .order_by(col(Payout.sent_at).desc())
        .limit(BATCH_SIZE)
    )
    async with transaction() as session:
        payouts = (await session.exec(rows)).all()
    for payout in payouts:
        gateway = _gateway(gateways, payout.rail)
        if gateway and payout.reference:
            await ask_about_payout(transaction, gateway, payout.id, payout.reference)


async def ask_about_payout(
    transaction: OpenTransaction, gateway: PaymentGateway, payout_id: UUID, reference: str
) -> None:
    """Fetch a payout, and store its outcome. A provider that does not answer is asked again."""
    try:
        found = await gateway.find_payout(reference)
    except PaymentProviderError as error:
        log.warning("payouts.not_asked", payout_id=str(payout_id), error=str(error))
        return
    async with transaction() as session:
        await follow_answer(session, payout_id, found)


async def note_unknown_payouts(transaction: OpenTransaction) -> None:
    """Show payouts as UNKNOWN whose call has ended without an answer."""
    unknown = exists_in(
        ProviderCall,
        col(ProviderCall.subject_id) == col(Payout.id),
        ProviderCall.purpose == CallPurpose.PAYOUT,
        ProviderCall.state == CallState.UNKNOWN,
    )
    rows = select(Payout.id).where(Payout.state == PayoutState.SENDING, unknown)
    async with transaction() as session:
        ids = (await session.exec(rows.limit(BATCH_SIZE))).all()
    await one_by_one(transaction, ids, note_unknown)


async def find_payout_of(
    session: AsyncSession, provider: PaymentProvider, found: ProviderPayout
) -> UUID | None:
    """Return the payout of one of the provider, for its webhooks.

    One whose call is not answered yet is found by our id, which the provider has.
    """
    known = or_(Payout.reference == found.reference, Payout.id == found.payout_id)
    rows = select(Payout.id).where(Payout.rail == PayoutRail(provider.value), known)
    return (await session.exec(rows)).first()


async def find_account_of(
    session: AsyncSession, provider: PaymentProvider, reference: str
) -> UUID | None:
    """Return the open account that a provider knows by a reference, for its webhooks."""
    rows = select(PayoutAccount.id).where(
        PayoutAccount.rail == PayoutRail(provider.value),
        PayoutAccount.reference == reference,
        PayoutAccount.state != PayoutAccountState.CLOSED,
    )
    return (await session.exec(rows)).first()


async def poll_accounts(transaction: OpenTransaction, gateways: PaymentGateways) -> None:
    """Ask about accounts that are not ready, the oldest first."""
    rows = (
        select(PayoutAccount)
        .where(
            col(PayoutAccount.state).in_(
                [PayoutAccountState.ONBOARDING, PayoutAccountState.RESTRICTED]
            ),
            PayoutAccount.rail != PayoutRail.BANK_FILE,
            col(PayoutAccount.reference).is_not(None),
        )
        .order_by(col(PayoutAccount.created_at))
        .limit(BATCH_SIZE)
    )
    async with transaction() as session:
        accounts = (await session.exec(rows)).all()
    for account in accounts:
        gateway = _gateway(gateways, account.rail)
        if gateway and account.reference:
            await ask_about_account(transaction, gateway, account.id, account.reference)


async def ask_about_account(
    transaction: OpenTransaction, gateway: PaymentGateway, account_id: UUID, reference: str
) -> None:
    """Fetch an account, and store its state."""
    try:
        found = await gateway.find_account(reference)
    except PaymentProviderError as error:
        log.warning("payouts.account_not_asked", account_id=str(account_id), error=str(error))
        return
    async with transaction() as session:
        await follow_account(session, account_id, found)


async def register_account(
    transaction: OpenTransaction, gateways: PaymentGateways, sealer: Sealer, account_id: UUID
) -> str | None:
    """Register an account at its provider, once. Returns the provider's reference.

    A provider that refuses the details makes it RESTRICTED. Raises what else the provider raises.
    """
    async with transaction() as session:
        account = await session.get_one(PayoutAccount, account_id)
        vendor = await session.get_one(Vendor, account.vendor_id)
    gateway = _gateway(gateways, account.rail)
    if account.reference or not account.is_open or gateway is None:
        return account.reference
    holder, number = account.open_bank(sealer) or (vendor.name, None)
    wanted = NewPayoutAccount(
        payout_account_id=account.id,
        country=account.country,
        currency=account.currency,
        name=holder,
        bank_code=account.bank_code,
        account_number=number,
    )
    try:
        found = await gateway.create_account(wanted, key=f"{account.id}-account-1")
    except ProviderRefused as error:
        async with transaction() as session:
            locked = await lock_account(session, account.id)
            await restrict_account(session, locked, str(error))
        return None
    async with transaction() as session:
        await follow_account(session, account.id, found)
    return found.reference


def _gateway(gateways: PaymentGateways, rail: PayoutRail) -> PaymentGateway | None:
    return gateways.get(rail.provider) if rail.provider else None
