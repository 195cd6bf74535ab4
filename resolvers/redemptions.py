"""Vouchers: cancelled by their owners, redeemed by vendors."""

import strawberry

from core.errors import MalformedRequest
from dataloaders.redemptions import visible_voucher
from engine.context import Info
from engine.mutation import mutation
from engine.types import field
from models.errors import IdempotencyInProgress, IdempotencyKeyReused, InvalidInput, NotFound
from models.events.check_in.scanners import ScannerRevoked
from models.redemptions import Voucher as VoucherRow
from models.redemptions import VoucherNotCancellable
from models.vendors import VendorNotApproved
from schema.redemptions.changes import VoucherChange, VoucherChangeKind
from schema.redemptions.inputs import (
    OptionalCode,
    OptionalVoucherId,
    OwnVoucherId,
    RedeemVoucherInput,
    RedeemVoucherPayload,
)
from schema.redemptions.types import Redemption, Voucher
from services.journal.topics import user_topic
from services.redemptions import redemptions
from services.redemptions.redeem import redeem_voucher


@strawberry.type
class RedemptionQuery:
    @field(
        "Returns a voucher by its id or by its code, as typed. Null if it doesn't exist or the"
        " viewer can't see it. Pass exactly one of the arguments."
    )
    async def voucher(
        self, info: Info, id: OptionalVoucherId = None, code: OptionalCode = None
    ) -> Voucher | None:
        if (id is None) == (code is None):
            raise MalformedRequest("Pass either `id` or `code`.")
        if id is not None:
            loader = info.context.loaders[visible_voucher]
            return Voucher.wrap_optional(await loader.load(id))
        async with info.context.read_session() as session:
            found = await redemptions.find_voucher_by_code(session, info.context.viewer, code or "")
        return Voucher.wrap_optional(found)

    @field(
        "Returns one of the viewer's vouchers with the cursor to subscribe from. Null if it doesn't"
        " exist or is another user's."
    )
    async def redemption_status(self, info: Info, voucher_id: OwnVoucherId) -> VoucherChange | None:
        viewer = info.context.viewer
        cursor = await info.context.cursor(user_topic(viewer.require_user()))
        async with info.context.read_session() as session:
            voucher = await redemptions.find_own_voucher(session, viewer, voucher_id)
        if voucher is None:
            return None
        snapshot = VoucherChangeKind.SNAPSHOT
        return VoucherChange(cursor=cursor, kind=snapshot, voucher=Voucher.wrap(voucher))


@strawberry.type
class RedemptionMutation:
    @mutation(
        voucher=Voucher,
        raises=(NotFound, VoucherNotCancellable),
        repeatable="refuses a cancelled voucher",
    )
    async def cancel_voucher(self, info: Info, voucher_id: OwnVoucherId) -> VoucherRow:
        """Cancel a voucher, so that another user can claim it."""
        async with info.context.transaction() as session:
            return await redemptions.cancel_voucher(
                session, info.context.viewer, voucher_id=voucher_id
            )

    @mutation(
        raises=(
            InvalidInput,
            NotFound,
            VendorNotApproved,
            ScannerRevoked,
            IdempotencyKeyReused,
            IdempotencyInProgress,
        )
    )
    async def redeem_voucher(self, info: Info, input: RedeemVoucherInput) -> RedeemVoucherPayload:
        """Redeem a voucher. Every attempt is stored, with its scanner if it names one. Requires
        membership at the vendor.
        """
        async with info.context.prepared_transaction() as unit:
            redemption = await redeem_voucher(
                unit,
                info.context.viewer,
                info.context.app.keys,
                vendor_id=input.vendor_id,
                presented=input.presented(),
                scanner_key=input.scanner_key,
                idempotency_key=input.idempotency_key,
            )
        return RedeemVoucherPayload(redemption=Redemption.wrap(redemption))
