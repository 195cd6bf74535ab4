"""Watching vouchers being redeemed."""

from collections.abc import AsyncGenerator
from typing import Annotated, Any
from uuid import UUID

import strawberry
from strawberry import relay

from dataloaders.redemptions import visible_redemption, visible_voucher
from models.errors import NotFound
from models.redemptions import Voucher as VoucherRow
from schema.arguments import Resume
from schema.base import key, watched
from schema.changes import (
    RedemptionChange,
    RedemptionChangeKind,
    VoucherChange,
    VoucherChangeKind,
)
from schema.context import Info
from schema.redemptions import Redemption, Voucher
from schema.vendors import Vendor
from services import journal
from services.redemptions import find_own_voucher
from services.vendors import find_member
from subscriptions import changes
from subscriptions.reading import Entry

KINDS = {
    "voucher.cancelled": VoucherChangeKind.CANCELLED,
    "voucher.expired": VoucherChangeKind.EXPIRED,
    "voucher.redemption": VoucherChangeKind.PRESENTED,
}


@strawberry.type
class RedemptionSubscription:
    """For a voucher's owner, and for a vendor's members."""

    @watched("What becomes of one voucher, for its owner. Resume with the last `cursor`.")
    async def redemption_status(
        self,
        info: Info,
        voucher_id: Annotated[
            relay.GlobalID, strawberry.argument(description="One of the viewer's own vouchers.")
        ],
        after: Resume = None,
    ) -> AsyncGenerator[VoucherChange, None]:
        voucher = await _access_own_voucher(info, key(voucher_id, Voucher))
        start = await changes.places(info, [journal.user_topic(voucher.user_id)], after)
        return _voucher_changes(info, voucher.id, start)

    @watched("Every attempt at a vendor's till, for its members. Resume with the last `cursor`.")
    async def vendor_redemptions(
        self,
        info: Info,
        vendor_id: Annotated[
            relay.GlobalID, strawberry.argument(description="A vendor that the viewer works at.")
        ],
        after: Resume = None,
    ) -> AsyncGenerator[RedemptionChange, None]:
        vendor = key(vendor_id, Vendor)
        await _ensure_member(info, vendor)
        start = await changes.places(info, [journal.vendor_topic(vendor)], after)
        return _redemption_changes(info, vendor, start)


async def _voucher_changes(
    info: Info, voucher_id: UUID, start: Any
) -> AsyncGenerator[VoucherChange, None]:
    async def ensure_owner() -> None:
        await _access_own_voucher(info, voucher_id)

    def concerns(entry: Entry) -> bool:
        return entry.kind in KINDS and entry.facts["voucher_id"] == str(voucher_id)

    loaders = info.context.loaders
    async for entry, cursor in changes.changes(info, start, concerns, ensure_owner):
        if entry is None:
            yield VoucherChange(kind=VoucherChangeKind.CHECKPOINT, cursor=cursor)
            continue
        attempt = entry.facts.get("redemption_id")
        yield VoucherChange(
            kind=KINDS[entry.kind],
            cursor=cursor,
            voucher=Voucher.maybe(await loaders[visible_voucher].load(voucher_id)),
            redemption=await _redemption(info, attempt) if attempt else None,
        )


async def _redemption_changes(
    info: Info, vendor_id: UUID, start: Any
) -> AsyncGenerator[RedemptionChange, None]:
    async def ensure_member() -> None:
        await _ensure_member(info, vendor_id)

    def concerns(entry: Entry) -> bool:
        return entry.kind == "redemption"

    async for entry, cursor in changes.changes(info, start, concerns, ensure_member):
        if entry is None:
            yield RedemptionChange(kind=RedemptionChangeKind.CHECKPOINT, cursor=cursor)
            continue
        yield RedemptionChange(
            kind=RedemptionChangeKind.PRESENTED,
            cursor=cursor,
            redemption=await _redemption(info, entry.facts["redemption_id"]),
        )


async def _redemption(info: Info, id: str) -> Redemption | None:
    return Redemption.maybe(await info.context.loaders[visible_redemption].load(UUID(id)))


async def _access_own_voucher(info: Info, voucher_id: UUID) -> VoucherRow:
    async with info.context.reading() as session:
        voucher = await find_own_voucher(session, info.context.viewer, voucher_id)
    if voucher is None:
        raise NotFound
    return voucher


async def _ensure_member(info: Info, vendor_id: UUID) -> None:
    async with info.context.reading() as session:
        if await find_member(session, info.context.viewer, vendor_id) is None:
            raise NotFound
