"""Vouchers and attempts to redeem them."""

from models.redemptions.attempts import MAX_REASON_LENGTH, DeviceId, ReasonText, Redemption
from models.redemptions.states import (
    CounterState,
    OfflineBreach,
    RedemptionOutcome,
    RedemptionReason,
    VoucherState,
)
from models.redemptions.vouchers import MAX_GENERATION, Voucher

__all__ = [
    "MAX_GENERATION",
    "MAX_REASON_LENGTH",
    "CounterState",
    "DeviceId",
    "OfflineBreach",
    "ReasonText",
    "Redemption",
    "RedemptionOutcome",
    "RedemptionReason",
    "Voucher",
    "VoucherState",
]
