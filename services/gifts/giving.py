"""Gifts that holders of vouchers make and withdraw."""

from uuid import UUID

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.ids import new_id
from core.security.codes import new_secret_code
from models.errors import InvalidInput, NotFound
from models.gifts import (
    MAX_GIFTS,
    GiftState,
    InvalidGiftState,
    VoucherGift,
    VoucherGivenBefore,
    end_of_gift,
)
from models.identity.accounts import User, UserState
from models.notifications.inbox import NotificationKind
from models.quotas import DailyAct
from models.redemptions import Voucher
from services import idempotency, jobs
from services.gifts.access import lock_gift, visible_gifts
from services.quotas import ensure_within_quota
from services.redemptions.access import lock_voucher, notify_user
from services.redemptions.redemptions import find_own_voucher
from services.viewer import Viewer


async def gift_voucher(
    session: AsyncSession,
    viewer: Viewer,
    *,
    voucher_id: UUID,
    to_user_id: UUID | None,
    idempotency_key: str,
) -> VoucherGift:
    """Offer a voucher to a user, or to who gets the code of the gift, once per idempotency key.

    Raises `NotFound`, `InvalidInput`, `VoucherNotUsable`, `VoucherGivenBefore`,
    `DailyLimitReached`, and `InvalidGiftState` while another gift of the voucher is open.
    """
    claimed = await idempotency.claim(
        session, viewer, "giftVoucher", idempotency_key, voucher_id=voucher_id, to=to_user_id
    )
    if claimed.replayed:
        rows = visible_gifts(viewer).where(VoucherGift.id == claimed.replayed)
        return (await session.exec(rows)).one()
    user_id = viewer.require_user()
    if await find_own_voucher(session, viewer, voucher_id) is None:
        raise NotFound
    voucher = await lock_voucher(session, voucher_id)
    if voucher.user_id != user_id:
        raise NotFound  # it was given away meanwhile
    moment = now()
    voucher.ensure_usable(moment)
    voucher.ensure_unused()
    await _ensure_may_give(session, voucher)
    if to_user_id is not None:
        await _ensure_receiver(session, viewer, to_user_id)
    gift = VoucherGift(
        id=new_id(),
        voucher_id=voucher_id,
        from_user_id=user_id,
        to_user_id=to_user_id,
        code=new_secret_code(),
        expires_at=end_of_gift(voucher, moment),
    )
    session.add(gift)
    await session.flush()
    await ensure_within_quota(session, user_id, DailyAct.GIFT_VOUCHER)
    await jobs.defer(session, "lapse_gift", at=gift.expires_at, gift_id=gift.id)
    if to_user_id is not None:
        await notify_user(session, to_user_id, NotificationKind.VOUCHER_GIFT_RECEIVED, gift.id)
    await idempotency.record_result(session, claimed, gift.id)
    return gift


async def withdraw_gift(session: AsyncSession, viewer: Viewer, *, gift_id: UUID) -> VoucherGift:
    """Withdraw an open gift of the viewer. One that is withdrawn already stays so.

    Raises `NotFound` and `InvalidGiftState`.
    """
    own = VoucherGift.from_user_id == viewer.require_user()
    rows = select(VoucherGift).where(VoucherGift.id == gift_id, own)
    found = (await session.exec(rows)).first()
    if found is None:
        raise NotFound
    await lock_voucher(session, found.voucher_id)
    gift = await lock_gift(session, gift_id)
    if gift.state is GiftState.WITHDRAWN:
        return gift
    if gift.state is not GiftState.OFFERED:
        raise InvalidGiftState
    gift.end(GiftState.WITHDRAWN, now())
    return gift


async def _ensure_may_give(session: AsyncSession, voucher: Voucher) -> None:
    """Raise a refusal if a locked voucher was given, is being given, or was offered too often."""
    state = col(VoucherGift.state)
    counted = select(func.count(), func.count().filter(state == GiftState.OFFERED))
    made, offered = (await session.exec(counted.where(VoucherGift.voucher_id == voucher.id))).one()
    if voucher.giver_id is not None or made >= MAX_GIFTS:
        raise VoucherGivenBefore
    if offered:
        raise InvalidGiftState("Another gift of this voucher is open. Withdraw it first.")


async def _ensure_receiver(session: AsyncSession, viewer: Viewer, user_id: UUID) -> None:
    if user_id == viewer.user_id:
        raise InvalidInput(
            "You have this voucher already. Choose another user.", field=["toUserId"]
        )
    user = await session.get(User, user_id)
    if user is None or user.is_erased or user.state is UserState.SUSPENDED:
        raise NotFound(field=["toUserId"])
