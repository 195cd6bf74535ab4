"""New codes of a voucher, after which its former ones are refused."""

from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.security.codes import new_code
from core.security.signing_keys import SigningKeys
from models.audit import AuditAct
from models.errors import NotFound
from models.members import Permission
from models.notifications.inbox import NotificationKind
from models.redemptions import Voucher
from models.redemptions.requests import CorrectionDraft
from models.scanners import CodesEnded
from services import idempotency
from services.audit import entries as audit
from services.journal import append as journal
from services.journal.topics import user_topic
from services.redemptions.access import (
    find_correctable_voucher,
    lock_voucher,
    notify_user,
    revoke_codes,
)
from services.redemptions.entries import VoucherReissued
from services.vendors.access import access_vendor
from services.viewer import Viewer


async def reissue_voucher(
    session: AsyncSession,
    viewer: Viewer,
    keys: SigningKeys,
    *,
    voucher_id: UUID,
    draft: CorrectionDraft,
    idempotency_key: str,
) -> Voucher:
    """Give a voucher a new QR code and a new typed code, once per idempotency key.

    The holder can do so, and a manager of its vendor, of which the holder is notified: the manager
    does not see the codes. Raises `NotFound`, `VoucherNotUsable` and `TooManyReissues`.
    """
    given: dict[str, object] = {"voucher_id": voucher_id, "reason": draft.reason}
    claimed = await idempotency.claim(
        session, viewer, "reissueVoucher", idempotency_key, voucher_id, **given
    )
    found = await find_correctable_voucher(session, viewer, voucher_id)
    if claimed.replayed:
        return found
    by_holder = found.user_id == viewer.require_user()
    if not by_holder:
        permission = Permission.CORRECT_REDEMPTIONS
        await access_vendor(session, viewer, found.vendor_id, permission)
    voucher = await lock_voucher(session, voucher_id)
    if by_holder and voucher.user_id != viewer.user_id:
        raise NotFound  # the voucher was given away meanwhile
    voucher.ensure_usable(now())
    voucher.renew(
        new_code(), keys.sign_voucher(voucher.id, voucher.generation + 1, voucher.offer_id)
    )
    revoke_codes(
        session,
        voucher,
        CodesEnded.REISSUED,
        by_id=viewer.require_user(),
        reason=draft.reason,
    )
    audit.append(session, viewer, AuditAct.REISSUE_VOUCHER, subject_id=voucher.id)
    journal.append(session, VoucherReissued(voucher.id), to=[user_topic(voucher.user_id)])
    if not by_holder:
        kind, number = NotificationKind.VOUCHER_REISSUED, voucher.generation
        await notify_user(session, voucher.user_id, kind, voucher.id, number)
    return voucher
