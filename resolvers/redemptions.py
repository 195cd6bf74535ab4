"""Vouchers given back, and redeemed at the till."""

import strawberry

from schema.base import key
from schema.context import Info
from schema.errors import mutation
from schema.redemptions import (
    CancelVoucherInput,
    CancelVoucherPayload,
    RedeemVoucherInput,
    RedeemVoucherPayload,
    Redemption,
    Voucher,
)
from schema.vendors import Vendor
from services import redemptions


@strawberry.type
class RedemptionMutation:
    """Owners cancel, members redeem."""

    @mutation("Give a voucher back, so that somebody else can claim it.")
    async def cancel_voucher(self, info: Info, input: CancelVoucherInput) -> CancelVoucherPayload:
        async with info.context.transaction() as session:
            voucher = await redemptions.cancel_voucher(
                session, info.context.viewer, voucher_id=key(input.voucher_id, Voucher)
            )
        return CancelVoucherPayload(voucher=Voucher.of(voucher))

    @mutation("Present a voucher at a till. Every attempt is kept, with its outcome and reason.")
    async def redeem_voucher(self, info: Info, input: RedeemVoucherInput) -> RedeemVoucherPayload:
        async with info.context.transaction() as session:
            redemption = await redemptions.redeem_voucher(
                session,
                info.context.viewer,
                info.context.house.keys,
                vendor_id=key(input.vendor_id, Vendor),
                presented=input.presented(),
                idempotency_key=input.idempotency_key,
            )
        return RedeemVoucherPayload(redemption=Redemption.of(redemption))
