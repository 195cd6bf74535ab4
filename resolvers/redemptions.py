"""Vouchers given back, and redeemed at the till."""

from typing import Annotated

import strawberry
from strawberry import relay

from engine.context import Info
from engine.errors import mutation
from engine.types import decode_id, field
from schema.redemptions.changes import VoucherChange, VoucherChangeKind
from schema.redemptions.types import (
    CancelVoucherInput,
    CancelVoucherPayload,
    RedeemVoucherInput,
    RedeemVoucherPayload,
    Redemption,
    Voucher,
)
from schema.vendors.types import Vendor
from services import redemptions
from services.journal.topics import user_topic


@strawberry.type
class RedemptionQuery:
    """Where live views begin."""

    @field("A voucher of the viewer's as it stands, with the cursor to follow it from.")
    async def redemption_status(
        self,
        info: Info,
        voucher_id: Annotated[
            relay.GlobalID, strawberry.argument(description="Which of the viewer's vouchers.")
        ],
    ) -> VoucherChange | None:
        viewer = info.context.viewer
        cursor = await info.context.app.feed.cursor(user_topic(viewer.require_user()))
        async with info.context.read_session() as session:
            voucher = await redemptions.find_own_voucher(
                session, viewer, decode_id(voucher_id, Voucher)
            )
        if voucher is None:
            return None
        snapshot = VoucherChangeKind.SNAPSHOT
        return VoucherChange(cursor=cursor, kind=snapshot, voucher=Voucher.of(voucher))


@strawberry.type
class RedemptionMutation:
    """Owners cancel, members redeem."""

    @mutation("Give a voucher back, so that somebody else can claim it.")
    async def cancel_voucher(self, info: Info, input: CancelVoucherInput) -> CancelVoucherPayload:
        async with info.context.transaction() as session:
            voucher = await redemptions.cancel_voucher(
                session, info.context.viewer, voucher_id=decode_id(input.voucher_id, Voucher)
            )
        return CancelVoucherPayload(voucher=Voucher.of(voucher))

    @mutation("Present a voucher at a till. Every attempt is kept, with its outcome and reason.")
    async def redeem_voucher(self, info: Info, input: RedeemVoucherInput) -> RedeemVoucherPayload:
        async with info.context.transaction() as session:
            redemption = await redemptions.redeem_voucher(
                session,
                info.context.viewer,
                info.context.app.keys,
                vendor_id=decode_id(input.vendor_id, Vendor),
                presented=input.presented(),
                idempotency_key=input.idempotency_key,
                notify_after=info.context.app.settings.notify_after,
            )
        return RedeemVoucherPayload(redemption=Redemption.of(redemption))
