"""Files of payouts for the platform's bank: made by an admin, approved by another one.

Their payouts leave the balances when the file is made, so that what is approved is what is paid.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import for_change
from core.ids import new_id
from core.security.sealed import Sealer
from core.settings import Settings
from models.audit import AuditAct
from models.errors import NotFound
from models.identity.accounts import User
from models.payouts.accounts import PayoutAccount, PayoutRail
from models.payouts.files import (
    MAX_IN_FILE,
    NoPayoutsPlanned,
    OtherAdminNeeded,
    PayoutFile,
    PayoutFilesOff,
    PayoutFileState,
    PayoutFormat,
)
from models.payouts.payouts import InvalidPayoutState, Payout, PayoutCause, PayoutState
from services import idempotency
from services.audit import entries as audit
from services.payouts.access import ensure_not_held, ensure_of_others, lock_account
from services.payouts.changes import publish_change
from services.payouts.files.formats import BankFile, BankTransfer, Debtor, write_bank_file
from services.payouts.files.links import PayoutFileLink
from services.payouts.outcomes import give_back
from services.payouts.starting import take_amount
from services.viewer import Viewer


async def create_payout_file(
    session: AsyncSession,
    viewer: Viewer,
    settings: Settings,
    *,
    currency: str,
    idempotency_key: str,
) -> PayoutFile:
    """Make a file of the payouts in a currency that wait for one, the oldest first.

    Raises `PayoutFilesOff` and `NoPayoutsPlanned`.
    """
    admin_id = viewer.require_admin()
    claimed = await idempotency.claim(
        session, viewer, "createPayoutFile", idempotency_key, currency=currency
    )
    if claimed.replayed is not None:
        return await session.get_one(PayoutFile, claimed.replayed)
    format = PayoutFormat.of(currency)
    Debtor.of(settings, currency)
    if format is None:
        raise PayoutFilesOff
    file_id = new_id()
    planned = await _lock_planned(session, currency)
    taken = [one for one in planned if await take_amount(session, one)]
    if not taken:
        raise NoPayoutsPlanned
    file = PayoutFile(
        id=file_id,
        currency=currency,
        format=format,
        count=len(taken),
        total=sum(one.amount for one in taken),
        made_by=admin_id,
    )
    session.add(file)
    for payout in taken:
        payout.file_id = file_id
    audit.append(session, viewer, AuditAct.CREATE_PAYOUT_FILE, subject_id=file_id)
    await session.flush()
    await idempotency.record_result(session, claimed, file_id)
    return file


async def _lock_planned(session: AsyncSession, currency: str) -> Sequence[Payout]:
    """Lock the accounts of payouts that wait, and then the payouts.

    Another admin who makes a file at once waits for the accounts, and finds nothing then.
    """
    waiting = (
        Payout.state == PayoutState.PLANNED,
        Payout.rail == PayoutRail.BANK_FILE,
        Payout.currency == currency,
    )
    oldest = select(Payout).where(*waiting).order_by(col(Payout.created_at)).limit(MAX_IN_FILE)
    found = (await session.exec(oldest)).all()
    for account_id in sorted({one.payout_account_id for one in found}):
        await lock_account(session, account_id)
    ids = [one.id for one in found]
    rows = select(Payout).where(col(Payout.id).in_(ids), *waiting).order_by(col(Payout.id))
    return (await session.exec(for_change(rows))).all()


async def approve_payout_file(
    session: AsyncSession, viewer: Viewer, *, payout_file_id: UUID, idempotency_key: str
) -> PayoutFile:
    """Approve a file that another admin has made: it can be downloaded, and its payouts are sent.

    Raises `OtherAdminNeeded`, `OwnPayout`, `PayoutsHeld` and `InvalidPayoutState`.
    """
    admin_id = viewer.require_admin()
    claimed = await idempotency.claim(
        session, viewer, "approvePayoutFile", idempotency_key, payout_file_id=payout_file_id
    )
    if claimed.replayed is not None:
        return await session.get_one(PayoutFile, claimed.replayed)
    file, payouts = await _lock_made(session, payout_file_id)
    if file.made_by == admin_id:
        raise OtherAdminNeeded
    vendor_ids = [one.vendor_id for one in payouts]
    await ensure_of_others(session, admin_id, vendor_ids)
    await ensure_not_held(session, vendor_ids)
    file.decide(PayoutFileState.APPROVED, admin_id)
    for payout in payouts:
        payout.state = PayoutState.IN_TRANSIT
        publish_change(session, payout.vendor_id, payout.id)
    audit.append(session, viewer, AuditAct.APPROVE_PAYOUT_FILE, subject_id=file.id)
    await session.flush()
    await idempotency.record_result(session, claimed, file.id)
    return file


async def cancel_payout_file(
    session: AsyncSession, viewer: Viewer, *, payout_file_id: UUID
) -> PayoutFile:
    """Cancel a file that is not approved: the money goes back into the balances.

    Its payouts are CANCELLED, and the schedules plan others. A second call changes nothing.
    """
    admin_id = viewer.require_admin()
    rows = select(PayoutFile).where(PayoutFile.id == payout_file_id)
    found = (await session.exec(rows)).first()
    if found is not None and found.state is PayoutFileState.CANCELLED:
        return found
    file, payouts = await _lock_made(session, payout_file_id)
    file.decide(PayoutFileState.CANCELLED, admin_id)
    for payout in payouts:
        payout.end(PayoutState.CANCELLED, PayoutCause.FILE_CANCELLED)
        await session.flush()
        await give_back(session, payout)
        publish_change(session, payout.vendor_id, payout.id)
    audit.append(session, viewer, AuditAct.CANCEL_PAYOUT_FILE, subject_id=file.id)
    return file


async def _lock_made(
    session: AsyncSession, payout_file_id: UUID
) -> tuple[PayoutFile, Sequence[Payout]]:
    """Lock the payouts of a file, and the file, which is not decided about."""
    of_file = select(Payout).where(Payout.file_id == payout_file_id).order_by(col(Payout.id))
    payouts = (await session.exec(for_change(of_file))).all()
    rows = select(PayoutFile).where(PayoutFile.id == payout_file_id)
    file = (await session.exec(for_change(rows))).first()
    if file is None:
        raise NotFound
    if file.state is not PayoutFileState.MADE:
        raise InvalidPayoutState
    return file, payouts


async def link_payout_file(
    session: AsyncSession, viewer: Viewer, *, payout_file_id: UUID
) -> PayoutFileLink:
    """Return a link to a file that was approved, for this admin. Raises `InvalidPayoutState`."""
    admin_id = viewer.require_admin()
    file = await session.get(PayoutFile, payout_file_id)
    if file is None:
        raise NotFound
    if file.state is not PayoutFileState.APPROVED:
        raise InvalidPayoutState
    audit.append(session, viewer, AuditAct.DOWNLOAD_PAYOUT_FILE, subject_id=file.id)
    return PayoutFileLink(file.id, admin_id)


async def read_bank_file(
    session: AsyncSession, sealer: Sealer, settings: Settings, *, user_id: UUID, file_id: UUID
) -> BankFile:
    """Return the content of a file that was approved. Raises `NotFound` unless for an admin."""
    user = await session.get(User, user_id)
    file = await session.get(PayoutFile, file_id)
    if user is None or not user.is_active_admin or file is None:
        raise NotFound
    if file.state is not PayoutFileState.APPROVED:
        raise NotFound
    rows = (
        select(Payout, PayoutAccount)
        .join(PayoutAccount, col(PayoutAccount.id) == Payout.payout_account_id)
        .where(Payout.file_id == file.id)
    )
    transfers = []
    for payout, account in (await session.exec(rows)).all():
        holder, number = account.open_bank(sealer) or ("", "")
        transfers.append(
            BankTransfer(
                payout.id, payout.amount, payout.currency, holder, number, account.bank_code
            )
        )
    debtor = Debtor.of(settings, file.currency)
    return write_bank_file(file.format, file.id, file.created_at, debtor, transfers)
