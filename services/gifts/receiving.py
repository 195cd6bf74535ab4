"""Gifts that their receivers accept or decline, and those that end without an answer."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.security.codes import new_code
from core.security.signing_keys import SigningKeys
from models.audit import AuditAct
from models.errors import InvalidInput
from models.gifts import GiftState, VoucherGift
from models.notifications.inbox import NotificationKind
from models.offers.offers import Offer
from models.redemptions import Voucher, VoucherState
from models.scanners import CodesEnded
from services import idempotency
from services.audit import entries as audit
from services.gifts.access import find_received, lock_gift
from services.journal import append as journal
from services.journal.topics import user_topic
from services.redemptions.access import lock_offer, lock_voucher, notify_user, revoke_codes
from services.redemptions.entries import VoucherGiven
from services.redemptions.redemptions import access_voucher
from services.viewer import Viewer

BATCH_SIZE = 100


async def accept_gift(
    session: AsyncSession,
    viewer: Viewer,
    keys: SigningKeys,
    *,
    gift_id: UUID | None,
    code: str | None,
    idempotency_key: str,
) -> Voucher:
    """Make the viewer the holder of a voucher, once per idempotency key. Its former codes end.

    The claim stays the giver's, so that giving does not renew their limit, and the viewer must
    have a place left among the vouchers of the offer that a user may hold. The offer and the
    voucher are locked, so of two who accept at once, one does, and of a redemption and an
    acceptance, the first. Raises `NotFound`, `InvalidInput`, `InvalidGiftState`,
    `ClaimLimitReached` and `TooManyReissues`.
    """
    claimed = await idempotency.claim(
        session, viewer, "acceptGift", idempotency_key, gift_id=gift_id, code=code
    )
    if claimed.replayed:
        return await access_voucher(session, viewer, claimed.replayed)
    found = await find_received(session, viewer, gift_id=gift_id, code=code)
    user_id = viewer.require_user()
    if found.from_user_id == user_id:
        raise InvalidInput("This voucher is yours already. Withdraw the gift instead.")
    offer, voucher, gift = await _lock(session, found)
    moment = now()
    gift.ensure_open(voucher, moment)
    voucher.holder_number = await _next_holder_number(session, offer, user_id)
    voucher.giver_id, voucher.user_id = voucher.user_id, user_id
    voucher.claim_latitude = voucher.claim_longitude = None  # it was the giver who was there
    voucher.renew(
        new_code(), keys.sign_voucher(voucher.id, voucher.generation + 1, voucher.offer_id)
    )
    revoke_codes(session, voucher, CodesEnded.GIVEN)
    gift.to_user_id = user_id
    gift.end(GiftState.ACCEPTED, moment)
    await session.flush()
    topics = [user_topic(gift.from_user_id), user_topic(user_id)]
    journal.append(session, VoucherGiven(voucher.id), to=topics)
    await _notify_giver(session, gift)
    audit.append(session, viewer, AuditAct.GIFT_VOUCHER, subject_id=voucher.id)
    await idempotency.record_result(session, claimed, voucher.id)
    return voucher


async def decline_gift(
    session: AsyncSession, viewer: Viewer, *, gift_id: UUID | None, code: str | None
) -> VoucherGift:
    """Decline a gift. The voucher stays its holder's. One that is declined stays so.

    Raises `NotFound` and `InvalidGiftState`.
    """
    found = await find_received(session, viewer, gift_id=gift_id, code=code)
    if found.from_user_id == viewer.require_user():
        raise InvalidInput("This voucher is yours already. Withdraw the gift instead.")
    voucher = await lock_voucher(session, found.voucher_id)
    gift = await lock_gift(session, found.id)
    if gift.state is GiftState.DECLINED:
        return gift
    gift.ensure_open(voucher, now())
    gift.to_user_id = viewer.require_user()
    gift.end(GiftState.DECLINED, now())
    await _notify_giver(session, gift)
    return gift


async def lapse_gift(session: AsyncSession, gift_id: UUID) -> None:
    """End a gift whose time is over by the database's clock. A second call changes nothing."""
    over = select(VoucherGift).where(
        VoucherGift.id == gift_id,
        VoucherGift.state == GiftState.OFFERED,
        VoucherGift.expires_at <= func.now(),
    )
    found = (await session.exec(over)).first()
    if found is None:
        return
    await lock_voucher(session, found.voucher_id)
    gift = await lock_gift(session, gift_id)
    if gift.state is GiftState.OFFERED:
        gift.end(GiftState.LAPSED, now())
        await _notify_giver(session, gift)


async def find_overdue(session: AsyncSession) -> Sequence[UUID]:
    """Return gifts whose own job is late or was lost."""
    rows = select(VoucherGift.id).where(
        VoucherGift.state == GiftState.OFFERED, VoucherGift.expires_at <= func.now()
    )
    ordered = rows.order_by(col(VoucherGift.expires_at)).limit(BATCH_SIZE)
    return (await session.exec(ordered)).all()


async def _lock(session: AsyncSession, found: VoucherGift) -> tuple[Offer, Voucher, VoucherGift]:
    offers = select(Voucher.offer_id).where(Voucher.id == found.voucher_id)
    offer = await lock_offer(session, (await session.exec(offers)).one())
    voucher = await lock_voucher(session, found.voucher_id)
    return offer, voucher, await lock_gift(session, found.id)


async def _next_holder_number(session: AsyncSession, offer: Offer, user_id: UUID) -> int:
    """Return the lowest unused number of a holder. The offer is locked, so none can take it."""
    held = select(Voucher.holder_number).where(
        Voucher.offer_id == offer.id,
        Voucher.user_id == user_id,
        Voucher.state != VoucherState.CANCELLED,
    )
    return offer.lowest_unused(set((await session.exec(held)).all()))


async def _notify_giver(session: AsyncSession, gift: VoucherGift) -> None:
    kind = NotificationKind.VOUCHER_GIFT_ENDED
    await notify_user(session, gift.from_user_id, kind, gift.id)
