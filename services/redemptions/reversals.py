"""Redemptions that a manager takes back."""

from uuid import UUID

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import for_change, for_reliance
from models.audit import AuditAct
from models.errors import NotFound
from models.identity.accounts import User
from models.members import Permission
from models.notifications.inbox import NotificationKind
from models.redemptions import Redemption, Voucher, VoucherState
from models.redemptions.refusals import NotReversible
from models.redemptions.requests import CorrectionDraft
from models.scanners import CodesEnded
from services import idempotency
from services.admins.access import is_erased
from services.audit import entries as audit
from services.journal import append as journal
from services.journal.topics import user_topic, vendor_topic
from services.offers.ranks import note_change
from services.redemptions.access import lock_offer, lock_voucher, notify_user, revoke_codes
from services.redemptions.bills import lock_bill_of
from services.redemptions.entries import RedemptionReversed, VoucherCancelled
from services.redemptions.uses import give_back
from services.vendors.access import access_vendor, works_at
from services.viewer import Viewer


async def reverse_redemption(
    session: AsyncSession,
    viewer: Viewer,
    *,
    redemption_id: UUID,
    draft: CorrectionDraft,
    idempotency_key: str,
) -> Redemption:
    """Take a redemption back, once per idempotency key. The attempt is kept, with the reason.

    The voucher can be redeemed again while its time lasts, with the balance that it had. Later, or
    if the account of its holder has ended, it is cancelled, unless it was used before, which gives
    the capacity of the offer and the claim of the user back. The use of the bill, the visit and the
    household are given back, too. Raises `NotFound` and `NotReversible`.
    """
    given: dict[str, object] = {"redemption_id": redemption_id, "reason": draft.reason}
    claimed = await idempotency.claim(
        session, viewer, "reverseRedemption", idempotency_key, redemption_id, **given
    )
    found = await _find_correctable(session, viewer, redemption_id)
    if claimed.replayed:
        return found
    if found.voucher_id is None:
        raise NotReversible
    holder_gone = await _has_ended_holder(session, found.voucher_id)
    await access_vendor(session, viewer, found.vendor_id, Permission.CORRECT_REDEMPTIONS)
    found.ensure_reversible(now())
    voucher = await _take_back(
        session, viewer, redemption_id, found.voucher_id, draft, holder_gone=holder_gone
    )
    entry = RedemptionReversed(voucher.id, redemption_id)
    journal.append(session, entry, to=[user_topic(voucher.user_id), vendor_topic(found.vendor_id)])
    audit.append(session, viewer, AuditAct.REVERSE_REDEMPTION, subject_id=redemption_id)
    kind = NotificationKind.REDEMPTION_REVERSED
    number = await _count_reversed(session, voucher.id)
    await notify_user(session, voucher.user_id, kind, voucher.id, number)
    return found


async def _find_correctable(
    session: AsyncSession, viewer: Viewer, redemption_id: UUID
) -> Redemption:
    viewer.require_user()
    own = works_at(viewer.staff, col(Redemption.vendor_id), Permission.CORRECT_REDEMPTIONS)
    rows = select(Redemption).where(Redemption.id == redemption_id, own)
    found = (await session.exec(rows)).first()
    if found is None:
        raise NotFound
    return found


async def _has_ended_holder(session: AsyncSession, voucher_id: UUID) -> bool:
    """Lock the holder of a voucher, and return whether the erasure of the account has begun.

    The erasure cancels the vouchers that can be redeemed, and waits for the lock before.
    """
    rows = select(User).join(Voucher, col(Voucher.user_id) == User.id)
    holders = rows.where(Voucher.id == voucher_id)
    holder = (await session.exec(for_reliance(holders, of=User))).one()
    return await is_erased(session, holder.id)


async def _take_back(
    session: AsyncSession,
    viewer: Viewer,
    redemption_id: UUID,
    voucher_id: UUID,
    draft: CorrectionDraft,
    *,
    holder_gone: bool,
) -> Voucher:
    """Reverse a redemption under the locks of the offer, the bill, the voucher and the attempt.

    So of two reversals at once, the second reads that of the first, and is refused.
    """
    offer_id = (await session.exec(select(Voucher.offer_id).where(Voucher.id == voucher_id))).one()
    offer = await lock_offer(session, offer_id)
    await lock_bill_of(session, redemption_id)
    voucher = await lock_voucher(session, voucher_id)
    rows = for_change(select(Redemption).where(Redemption.id == redemption_id))
    redemption = (await session.exec(rows)).one()
    moment = now()
    redemption.ensure_reversible(moment)
    redemption.reversed_at = moment
    redemption.reversed_by_id = viewer.require_user()
    redemption.reverse_reason = draft.reason
    before = voucher.state
    voucher.take_back_redemption(moment, redemption.amount_minor, holder_gone=holder_gone)
    if voucher.state is VoucherState.CANCELLED and before is not VoucherState.CANCELLED:
        offer.claimed -= 1
        revoke_codes(session, voucher, CodesEnded.CANCELLED)
        note_change(session, offer.id)
        entry = VoucherCancelled(voucher.id, offer.id)
        journal.append(session, entry, to=[vendor_topic(voucher.vendor_id)])
    await session.flush()
    await give_back(session, redemption, voucher)
    return voucher


async def _count_reversed(session: AsyncSession, voucher_id: UUID) -> int:
    counted = select(func.count()).where(
        Redemption.voucher_id == voucher_id, col(Redemption.reversed_at).is_not(None)
    )
    return (await session.exec(counted)).one()
