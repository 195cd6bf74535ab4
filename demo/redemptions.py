"""Attempts at the till: those that went well, and those that did not."""

from datetime import datetime, timedelta

from demo.chance import Chance
from demo.rows import Shop, Town
from models.notifications.inbox import Notification, NotificationKind
from models.redemptions import (
    Redemption,
    RedemptionOutcome,
    RedemptionReason,
    Voucher,
    VoucherState,
)
from models.vendors import VendorStatus

SECOND_TRIES = 0.08
STRANGE = 150
STRANGE_REASONS = (
    RedemptionReason.UNKNOWN,
    RedemptionReason.UNKNOWN,
    RedemptionReason.BAD_SIGNATURE,
    RedemptionReason.WRONG_TYPE,
)


def redeem(chance: Chance, town: Town, shop: Shop, voucher: Voucher, at: datetime) -> None:
    """An approved attempt, and the notification that its owner got."""
    voucher.state, voucher.redeemed_at = VoucherState.REDEEMED, at
    _attempt(chance, town, shop, voucher, at, RedemptionReason.APPROVED)
    town.notifications.append(
        Notification(
            id=chance.id_at(at),
            created_at=at,
            user_id=voucher.user_id,
            kind=NotificationKind.VOUCHER_REDEEMED,
            subject_id=voucher.id,
        )
    )


def draw_refusals(chance: Chance, town: Town) -> None:
    """Some vouchers are shown once too often, or at the wrong shop; some codes are no codes."""
    shops = {shop.vendor.id: shop for shop in town.shops}
    open_shops = [s for s in town.shops if s.vendor.status is VendorStatus.APPROVED]
    for voucher in town.vouchers:
        shop, other = shops[voucher.vendor_id], chance.choice(open_shops)
        again, share = chance.happens(SECOND_TRIES), chance.random()
        reason, since = _complaint(voucher)
        if reason is RedemptionReason.OTHER_VENDOR:
            near = [s for s in open_shops if s.city is shop.city and s is not shop]
            shop = near[int(share * len(near))] if near else other
        if again and shop.vendor.status is VendorStatus.APPROVED:
            until = min(since + timedelta(days=4), town.now)
            _attempt(chance, town, shop, voucher, since + (until - since) * share, reason)
    for _ in range(STRANGE):
        at = town.now - timedelta(days=chance.uniform(0, 30))
        reason = chance.choice(STRANGE_REASONS)
        _attempt(chance, town, chance.choice(open_shops), None, at, reason)


def _complaint(voucher: Voucher) -> tuple[RedemptionReason, datetime]:
    """Why showing the voucher now is refused, and since when."""
    match voucher.state:
        case VoucherState.REDEEMED if voucher.redeemed_at:
            return RedemptionReason.ALREADY_REDEEMED, voucher.redeemed_at
        case VoucherState.CANCELLED if voucher.cancelled_at:
            return RedemptionReason.CANCELLED, voucher.cancelled_at
        case VoucherState.EXPIRED:
            return RedemptionReason.EXPIRED, voucher.expires_at
    return RedemptionReason.OTHER_VENDOR, voucher.created_at


def _attempt(
    chance: Chance,
    town: Town,
    shop: Shop,
    voucher: Voucher | None,
    at: datetime,
    reason: RedemptionReason,
) -> None:
    approved = reason is RedemptionReason.APPROVED
    located = chance.happens(0.7)
    latitude = round(chance.gauss(shop.vendor.latitude, 0.0003), 6)
    longitude = round(chance.gauss(shop.vendor.longitude, 0.0003), 6)
    town.redemptions.append(
        Redemption(
            id=chance.id_at(at),
            created_at=at,
            vendor_id=shop.vendor.id,
            member_id=chance.choice(shop.staff),
            voucher_id=voucher.id if voucher else None,
            outcome=RedemptionOutcome.APPROVED if approved else RedemptionOutcome.REFUSED,
            reason=reason,
            latitude=latitude if located else None,
            longitude=longitude if located else None,
            device_id=f"till-{chance.randint(1, 3)}",
        )
    )
