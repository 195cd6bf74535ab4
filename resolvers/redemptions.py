"""Vouchers: cancelled by their owners, redeemed by vendors."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import strawberry

from core.errors import MalformedRequest
from core.security.random_secrets import hash_secret
from dataloaders.redemptions import visible_voucher
from engine.context import Info
from engine.mutation import mutation
from engine.types import field
from models import redemptions as rows
from models.audit import AuditAct
from models.errors import KEYED, IdempotencyKeyReused, InvalidInput, NotFound
from models.events.check_in.scanners import ScannerRevoked
from models.redemptions import RedemptionReason, refusals
from models.redemptions import Voucher as VoucherRow
from models.vendors import VendorNotApproved
from schema.redemptions.changes import VoucherChange, VoucherChangeKind
from schema.redemptions.inputs import (
    OptionalCode,
    OptionalVoucherId,
    OwnVoucherId,
    RedeemVoucherInput,
    RedeemVoucherPayload,
    ReissueVoucherInput,
    ReverseRedemptionInput,
)
from schema.redemptions.offline import (
    OfflineScans,
    ScannerKey,
    SetOfflineLimitPayload,
    Since,
    SyncRedemptionsInput,
    SyncRedemptionsPayload,
    VendorId,
    VoucherBundle,
    limit_draft,
)
from schema.redemptions.types import Redemption, Voucher
from services.journal.topics import user_topic
from services.redemptions import redemptions, reissues, reversals
from services.redemptions.access import find_till_vendors
from services.redemptions.bundles import make_voucher_bundle
from services.redemptions.code_limits import Guess
from services.redemptions.offline import set_offline_limit
from services.redemptions.redeem import redeem_voucher
from services.redemptions.syncing import sync_redemptions

BUNDLE_COST = 500  # of ten thousand revocations that are read and encrypted
SYNC_COST = 100


@asynccontextmanager
async def _guess(
    info: Info, code: str | None, *, scanner_key: str | None = None, vendor_id: UUID | None = None
) -> AsyncIterator[Guess]:
    """Limit a typed code at the vendors of the viewer, or at one of them. None is no code."""
    context, vendor_ids = info.context, []
    if code is not None:
        vendor_ids = await find_till_vendors(context.fetch, context.viewer, vendor_id)
    guesses = context.app.code_limits.guess(
        code,
        till=hash_secret(scanner_key or str(context.viewer.require_user())),
        vendor_ids=vendor_ids,
        address=context.address,
        allowance=context.redis_allowance,
    )
    async with guesses as guess:
        yield guess


@strawberry.type
class RedemptionQuery:
    @field(
        "Returns a voucher by its id or by its code, as typed. Null if it doesn't exist or the"
        " viewer can't see it. Pass exactly one of the arguments. Wrong codes are limited as those"
        " of `redeemVoucher` are."
    )
    async def voucher(
        self, info: Info, id: OptionalVoucherId = None, code: OptionalCode = None
    ) -> Voucher | None:
        if (id is None) == (code is None):
            raise MalformedRequest("Pass either `id` or `code`.")
        if id is not None:
            loader = info.context.loaders[visible_voucher]
            return Voucher.wrap_optional(await loader.load(id))
        async with _guess(info, code) as guess:
            async with info.context.read_session() as session:
                found = await redemptions.find_voucher_by_code(
                    session, info.context.viewer, code or ""
                )
            guess.wrong = found is None
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

    @field(
        "The bundle with which a scanner accepts vouchers without a network: all, or what has"
        " changed since its last bundle. For members of the vendor.",
        cost=BUNDLE_COST,
    )
    async def voucher_bundle(
        self, info: Info, vendor_id: VendorId, scanner_key: ScannerKey, since: Since = None
    ) -> VoucherBundle:
        async with info.context.read_session() as session:
            made = await make_voucher_bundle(
                session,
                info.context.viewer,
                info.context.app.keys,
                vendor_id=vendor_id,
                scanner_key=scanner_key,
                since=since,
            )
        return VoucherBundle(**vars(made))


@strawberry.type
class RedemptionMutation:
    @mutation(
        cost=SYNC_COST,
        raises=(InvalidInput, NotFound, ScannerRevoked, IdempotencyKeyReused),
        repeatable="`scanId` names each scan",
    )
    async def sync_redemptions(
        self, info: Info, input: SyncRedemptionsInput
    ) -> SyncRedemptionsPayload:
        """Store scans of vouchers that a scanner made without a network, each once. The order of
        their times decides, whatever the order in which they arrive. Requires membership at the
        vendor.
        """
        async with info.context.prepared_transaction() as unit:
            stored = await sync_redemptions(
                unit,
                info.context.viewer,
                info.context.app.keys,
                vendor_id=input.vendor_id,
                scanner_key=input.scanner_key,
                draft=input.draft(),
            )
        return SyncRedemptionsPayload(redemptions=[Redemption.wrap(one) for one in stored])

    @mutation(
        audit=AuditAct.SET_OFFLINE_LIMIT,
        raises=(InvalidInput, NotFound),
        repeatable="sets a number",
    )
    async def set_offline_limit(
        self, info: Info, vendor_id: VendorId, scans: OfflineScans
    ) -> SetOfflineLimitPayload:
        """Set how many vouchers each scanner of a vendor accepts without a network, with one
        bundle. Defaults to 200. Requires the vendor's MANAGER or OWNER role.
        """
        draft = limit_draft(scans)
        async with info.context.transaction() as session:
            limit = await set_offline_limit(
                session, info.context.viewer, vendor_id=vendor_id, draft=draft
            )
        return SetOfflineLimitPayload(scans=limit.scans)

    @mutation(
        voucher=Voucher,
        raises=(NotFound, refusals.VoucherNotCancellable),
        repeatable="refuses a cancelled voucher",
    )
    async def cancel_voucher(self, info: Info, voucher_id: OwnVoucherId) -> VoucherRow:
        """Cancel a voucher, so that another user can claim it."""
        async with info.context.transaction() as session:
            return await redemptions.cancel_voucher(
                session, info.context.viewer, voucher_id=voucher_id
            )

    @mutation(
        redemption=Redemption, raises=(InvalidInput, NotFound, refusals.NotReversible, *KEYED)
    )
    async def reverse_redemption(
        self, info: Info, input: ReverseRedemptionInput
    ) -> rows.Redemption:
        """Take a redemption back, once and within 30 days. The voucher can be redeemed again while
        its time lasts; later it is cancelled, so that another can be claimed. Requires the vendor's
        permission to correct redemptions.
        """
        async with info.context.transaction() as session:
            return await reversals.reverse_redemption(
                session,
                info.context.viewer,
                redemption_id=input.redemption_id,
                draft=input.draft(),
                idempotency_key=input.idempotency_key,
            )

    @mutation(
        voucher=Voucher,
        raises=(
            InvalidInput,
            NotFound,
            refusals.VoucherNotUsable,
            refusals.TooManyReissues,
            *KEYED,
        ),
    )
    async def reissue_voucher(self, info: Info, input: ReissueVoucherInput) -> VoucherRow:
        """Give a voucher a new QR code and a new typed code. The former ones are refused. For its
        owner, and for members with the vendor's permission to correct redemptions.
        """
        async with info.context.transaction() as session:
            return await reissues.reissue_voucher(
                session,
                info.context.viewer,
                info.context.app.keys,
                voucher_id=input.voucher_id,
                draft=input.draft(),
                idempotency_key=input.idempotency_key,
            )

    @mutation(
        raises=(
            InvalidInput,
            NotFound,
            VendorNotApproved,
            ScannerRevoked,
            refusals.ScanIdUsed,
            *KEYED,
        )
    )
    async def redeem_voucher(self, info: Info, input: RedeemVoucherInput) -> RedeemVoucherPayload:
        """Redeem a voucher. Every attempt is stored, with its scanner if it names one. Requires
        membership at the vendor. Wrong codes are limited; QR codes are not.
        """
        context, presented = info.context, input.presented()
        guesses = _guess(
            info, presented.code, scanner_key=input.scanner_key, vendor_id=input.vendor_id
        )
        async with guesses as guess:
            risk = await context.app.fraud.assess(
                context.fetch,
                context.viewer,
                presented,
                vendor_id=input.vendor_id,
                allowance=context.redis_allowance,
            )
            async with context.prepared_transaction() as unit:
                redemption = await redeem_voucher(
                    unit,
                    context.viewer,
                    context.app.keys,
                    vendor_id=input.vendor_id,
                    presented=presented,
                    risk=risk,
                    scanner_key=input.scanner_key,
                    idempotency_key=input.idempotency_key,
                )
            guess.wrong = redemption.reason_at_till is RedemptionReason.UNKNOWN
        return RedeemVoucherPayload(redemption=Redemption.wrap(redemption))
