"""Seeds redemption attempts, approved and refused."""

from datetime import datetime, timedelta

from demo.dataset import Dataset, DemoVendor
from demo.rng import SeededRandom
from models.notifications.inbox import Notification, NotificationKind
from models.redemptions import (
    Redemption,
    RedemptionOutcome,
    RedemptionReason,
    Voucher,
    VoucherState,
)
from models.vendors import VendorStatus

REFUSED_SHARE = 0.08  # of the vouchers that are also presented when they are not redeemable
LOCATED_SHARE = 0.7  # of the attempts that carry coordinates
INVALID_CODE_COUNT = 150
INVALID_CODE_REASONS = (
    RedemptionReason.UNKNOWN,
    RedemptionReason.UNKNOWN,
    RedemptionReason.BAD_SIGNATURE,
    RedemptionReason.WRONG_TYPE,
)


def redeem(
    rng: SeededRandom, dataset: Dataset, vendor: DemoVendor, voucher: Voucher, at: datetime
) -> None:
    voucher.state, voucher.redeemed_at = VoucherState.REDEEMED, at
    voucher.uses = voucher.used = 1
    _add_attempt(rng, dataset, vendor, voucher, at, RedemptionReason.APPROVED)
    dataset.notifications.append(
        Notification(
            id=rng.uuid7_at(at),
            created_at=at,
            user_id=voucher.user_id,
            kind=NotificationKind.VOUCHER_REDEEMED,
            subject_id=voucher.id,
        )
    )


def seed_refused_attempts(rng: SeededRandom, dataset: Dataset) -> None:
    """Add refused attempts.

    The draws for each voucher are made whether or not they are used, so that their number does not
    depend on its state.
    """
    vendors = {vendor.row.id: vendor for vendor in dataset.vendors}
    approved = [one for one in dataset.vendors if one.row.status is VendorStatus.APPROVED]
    for voucher in dataset.vouchers:
        vendor, fallback = vendors[voucher.vendor_id], rng.choice(approved)
        presented, share = rng.chance(REFUSED_SHARE), rng.random()
        reason, since = _refusal(voucher)
        if reason is RedemptionReason.OTHER_VENDOR:
            others = [one for one in approved if one.city is vendor.city and one is not vendor]
            vendor = others[int(share * len(others))] if others else fallback
        if presented and vendor.row.status is VendorStatus.APPROVED:
            until = min(since + timedelta(days=4), dataset.now)
            _add_attempt(rng, dataset, vendor, voucher, since + (until - since) * share, reason)
    for _ in range(INVALID_CODE_COUNT):
        at = dataset.now - timedelta(days=rng.uniform(0, 30))
        reason = rng.choice(INVALID_CODE_REASONS)
        _add_attempt(rng, dataset, rng.choice(approved), None, at, reason)


def _refusal(voucher: Voucher) -> tuple[RedemptionReason, datetime]:
    match voucher.state:
        case VoucherState.REDEEMED if voucher.redeemed_at:
            return RedemptionReason.ALREADY_REDEEMED, voucher.redeemed_at
        case VoucherState.CANCELLED if voucher.cancelled_at:
            return RedemptionReason.CANCELLED, voucher.cancelled_at
        case VoucherState.EXPIRED:
            return RedemptionReason.EXPIRED, voucher.expires_at
    return RedemptionReason.OTHER_VENDOR, voucher.created_at


def _add_attempt(
    rng: SeededRandom,
    dataset: Dataset,
    vendor: DemoVendor,
    voucher: Voucher | None,
    at: datetime,
    reason: RedemptionReason,
) -> None:
    approved = reason is RedemptionReason.APPROVED
    located = rng.chance(LOCATED_SHARE)
    latitude = round(rng.gauss(vendor.row.latitude, 0.0003), 6)
    longitude = round(rng.gauss(vendor.row.longitude, 0.0003), 6)
    dataset.redemptions.append(
        Redemption(
            id=rng.uuid7_at(at),
            created_at=at,
            vendor_id=vendor.row.id,
            member_id=rng.choice(vendor.member_ids),
            voucher_id=voucher.id if voucher else None,
            outcome=RedemptionOutcome.APPROVED if approved else RedemptionOutcome.REFUSED,
            reason=reason,
            latitude=latitude if located else None,
            longitude=longitude if located else None,
            device_id=f"till-{rng.randint(1, 3)}",
        )
    )
