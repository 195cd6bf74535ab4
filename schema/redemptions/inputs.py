"""Inputs and payloads of voucher mutations."""

from dataclasses import asdict
from typing import Annotated, Any
from uuid import UUID

import strawberry

from dataloaders.redemptions import visible_voucher
from engine.context import Info
from engine.errors.conversion import Payload
from engine.ids import id_field, id_of, optional_id_of
from engine.types import column, field
from models.redemptions.requests import CorrectionDraft, GeoPoint, RedemptionRequest
from models.validation import parse
from schema.money import MoneyInput
from schema.offers.rules import FailedRule
from schema.redemptions.enums import RedemptionOutcome, RedemptionReason
from schema.redemptions.types import Redemption, Voucher

OwnVoucherId = Annotated[UUID, id_of("Voucher", "The id of one of the viewer's vouchers.")]

OptionalVoucherId = Annotated[UUID | None, optional_id_of("Voucher", "The voucher's id.")]
OptionalCode = Annotated[
    str | None,
    strawberry.argument(description="The code, as typed, at most 100 characters."),
]


@strawberry.input(description="A location.")
class LocationInput:
    latitude: float = column("The latitude in degrees, within ±90.")
    longitude: float = column("The longitude in degrees, within ±180.")
    accuracy: float | None = strawberry.field(
        default=None,
        description="The accuracy in metres. Without it, or from 500 m on, the location is compared"
        " with no other.",
    )


@strawberry.input(description="The customer's bill, which vouchers of the vendor share.")
class BillInput:
    reference: str = column(
        "The till's own reference, at most 80 characters. Vouchers with the same one share a bill."
    )
    amount: MoneyInput = column("The total with tax, before all discounts.")


ClaimLocation = Annotated[
    LocationInput | None,
    strawberry.argument(
        description="Where the viewer is, to recognize vouchers that are passed on. Kept to about a"
        " kilometre, and only if it is accurate. A retry can have another one."
    ),
]


def parse_location(location: LocationInput | None) -> GeoPoint | None:
    return None if location is None else parse(GeoPoint, **asdict(location))


@strawberry.input(description="A voucher to redeem, by either `token` or `code`.")
class RedeemVoucherInput:
    vendor_id: UUID = id_field("Vendor", "The id of the vendor that redeems it.")
    idempotency_key: str = column(
        "A unique key for this scan, of at most 100 characters. A retry with the same key and input"
        " returns the stored result."
    )
    token: str | None = strawberry.field(
        default=None,
        description="The content of the QR code, as scanned: spaces and a scanner's prefix are"
        " ignored.",
    )
    code: str | None = strawberry.field(
        default=None,
        description="The code, as typed: case, spaces, dashes and invisible characters are"
        " ignored.",
    )
    location: LocationInput | None = strawberry.field(
        default=None, description="The location of the scanning device."
    )
    device_id: str | None = strawberry.field(
        default=None, description="The scanning device's own id, at most 100 characters."
    )
    scanner_key: str | None = strawberry.field(
        default=None,
        description="The key of one of the vendor's scanners, which the attempt is then recorded"
        " with. `registerScanner` returns it.",
    )
    scan_id: str | None = strawberry.field(
        default=None,
        description="A new UUID for this scan, with `scannerKey`. If the answer is lost, send the"
        " scan with it by `syncRedemptions`: it is stored once.",
    )

    bill: BillInput | None = strawberry.field(
        default=None, description="The bill, which rules of the offer can need."
    )
    amount: MoneyInput | None = strawberry.field(
        default=None,
        description="The part of the voucher's balance to take. If omitted, as much as the bill"
        " needs.",
    )

    def presented(self) -> RedemptionRequest:
        return parse(RedemptionRequest, **asdict(self))


KEY = (
    "A unique key for this request, of at most 100 characters. A retry with the same key and input"
    " returns the stored result."
)


@strawberry.input(description="A redemption to take back.")
class ReverseRedemptionInput:
    redemption_id: UUID = id_field("Redemption", "The id of the attempt that redeemed a voucher.")
    reason: str = column("The reason, 3 to 300 characters. The voucher's owner sees it, too.")
    idempotency_key: str = column(KEY)

    def draft(self) -> CorrectionDraft:
        return parse(CorrectionDraft, reason=self.reason)


@strawberry.input(description="A voucher to give new codes.")
class ReissueVoucherInput:
    voucher_id: UUID = id_field("Voucher", "The voucher's id.")
    reason: str = column("The reason, 3 to 300 characters, which the server keeps.")
    idempotency_key: str = column(KEY)

    def draft(self) -> CorrectionDraft:
        return parse(CorrectionDraft, reason=self.reason)


@strawberry.type(
    description="The attempt to redeem the voucher. A refused attempt is an outcome, not an error."
)
class RedeemVoucherPayload(Payload):
    redemption: Redemption | None = strawberry.field(
        default=None, description="The stored attempt."
    )

    @field("The outcome: hand it out, wait, or don't. Null if `errors` is not empty.")
    def outcome(self) -> RedemptionOutcome | None:
        return self.redemption.outcome if self.redemption else None

    @field("The reason for the outcome. Null if `errors` is not empty.")
    def reason(self) -> RedemptionReason | None:
        attempt: Any = self.redemption
        return attempt.reason_at_till if attempt else None

    @field("The rule that refused it. Null unless `reason` is RULE_FAILED.")
    def failed_rule(self) -> FailedRule | None:
        attempt: Any = self.redemption
        failure = attempt.failure if attempt else None
        return FailedRule(**failure.data()) if failure else None

    @field("The voucher. Null if it is unknown or another vendor's.")
    async def voucher(self, info: Info) -> Voucher | None:
        attempt: Any = self.redemption
        if attempt is None or attempt.voucher_id is None:
            return None
        found = await info.context.loaders[visible_voucher].load(attempt.voucher_id)
        return Voucher.wrap_optional(found)
