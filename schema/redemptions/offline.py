"""Vouchers that scanners accept without a network."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from engine.errors.conversion import Payload
from engine.ids import id_field, id_of
from engine.types import column
from models.scanners import MAX_SCANS, OfflineLimitDraft, RedemptionsDraft
from models.validation import parse
from schema.redemptions.enums import ScanLight
from schema.redemptions.types import Redemption

VendorId = Annotated[UUID, id_of("Vendor", "The id of a vendor that the viewer works for.")]
ScannerKey = Annotated[
    str, strawberry.argument(description="The scanner's key, which `registerScanner` returned.")
]
Since = Annotated[
    str | None,
    strawberry.argument(
        description="The `cursor` of the last bundle. If omitted, returns all that is needed."
    ),
]
OfflineScans = Annotated[
    int,
    strawberry.argument(description="How many vouchers, 0 to 10,000. 0 accepts none."),
]


@strawberry.type(description="The data with which a scanner accepts vouchers without a network.")
class VoucherBundle:
    content: str = strawberry.field(
        description="A JWE to the scanner's public key, with a JWT that the keys of vouchers sign."
    )
    cursor: str = strawberry.field(description="Pass it as `since` to get what changes later.")
    expires_at: datetime = strawberry.field(description="The time after which it is not used.")
    revocations: int = strawberry.field(
        description="The number of vouchers in it whose former codes have ended."
    )
    has_more: bool = strawberry.field(
        description="Whether there are more changes. Then ask again at once."
    )


@strawberry.input(description="A scan of a voucher that was made without a network.")
class OfflineRedemptionInput:
    scan_id: str = column("A new UUID for each scan. It is stored once.")
    seq: int = column("A number that the scanner counts up and never repeats.")
    scanned_at: datetime = column("The time by the scanner's clock.")
    token: str = column("The content of the QR code, as scanned.")
    shown: ScanLight = column("The light that the scanner showed. GREEN handed goods over.")
    bundle: str | None = strawberry.field(
        default=None,
        description="The `bundle` of the bundle by which it was decided. Without one, GREEN is a"
        " breach: `BUNDLE_EXPIRED`.",
    )


@strawberry.input(description="Scans of vouchers that were made without a network, in any order.")
class SyncRedemptionsInput:
    vendor_id: UUID = id_field("Vendor", "The id of the scanner's vendor.")
    scanner_key: str = column("The scanner's key, which `registerScanner` returned.")
    clock: datetime = column("The time that the scanner's clock shows as it sends this.")
    scans: list[OfflineRedemptionInput] = column(f"The scans, at most {MAX_SCANS}.")

    def draft(self) -> RedemptionsDraft:
        return parse(RedemptionsDraft, clock=self.clock, scans=[vars(one) for one in self.scans])


@strawberry.type(description="The result of `syncRedemptions`.")
class SyncRedemptionsPayload(Payload):
    redemptions: list[Redemption] | None = strawberry.field(
        default=None,
        description="The stored attempt of each scan, in the order of the scans. Null on error.",
    )


@strawberry.type(description="The result of `setOfflineLimit`.")
class SetOfflineLimitPayload(Payload):
    scans: int | None = strawberry.field(
        default=None,
        description="How many vouchers a scanner accepts with one bundle. Null on error.",
    )


def limit_draft(scans: int) -> OfflineLimitDraft:
    return parse(OfflineLimitDraft, scans=scans)
