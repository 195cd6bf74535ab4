"""Vouchers, and attempts to use them."""

import base64
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import strawberry
from strawberry import relay

from core import qr
from dataloaders.offers import offer_by_id
from dataloaders.redemptions import redemptions_of_voucher, visible_voucher
from dataloaders.vendors import vendor_by_id
from engine.connections import Connection
from engine.context import Info
from engine.errors import Payload
from engine.types import Rows, column, field, related, related_page
from models import redemptions as rows
from models.validation import parse
from schema.redemptions.enums import RedemptionOutcome, RedemptionReason, VoucherState

if TYPE_CHECKING:
    from schema.offers.types import Offer
    from schema.vendors.types import Vendor


def private(description: str, **price: int) -> Callable[[Callable[[rows.Voucher], str]], Any]:
    """A field of a voucher that its owner alone is told; null for everybody else."""

    def decorate(tell: Callable[[rows.Voucher], str]) -> Any:
        def resolve(root: strawberry.Parent[Any], info: Info) -> str | None:
            return tell(root) if root.user_id == info.context.viewer.user_id else None

        return strawberry.field(resolver=resolve, description=description, metadata=price)

    return decorate


@strawberry.type(description="An offer claimed by one user.")
class Voucher(Rows[rows.Voucher], relay.Node):
    """For its owner, and without its secrets for the members of its vendor."""

    id: relay.NodeID[UUID]
    state: VoucherState = column("What has become of it.")
    generation: int = column("Which of its tokens is good: only the newest.")
    claimed_at: datetime = strawberry.field(
        resolver=lambda root: root.created_at,
        graphql_type=datetime,
        description="When it was claimed.",
    )
    starts_at: datetime = column("When it can be redeemed from.")
    expires_at: datetime = column("When it is over.")
    redeemed_at: datetime | None = column("When it was redeemed.")
    cancelled_at: datetime | None = column("When its owner gave it back.")
    offer: Annotated["Offer", strawberry.lazy("schema.offers.types")] = related(
        offer_by_id, by="offer_id", description="What was claimed."
    )
    vendor: Annotated["Vendor", strawberry.lazy("schema.vendors.types")] = related(
        vendor_by_id, by="vendor_id", description="Where it can be redeemed."
    )
    redemptions: list[Annotated["Redemption", strawberry.lazy("schema.redemptions.types")]] = (
        related_page(
            redemptions_of_voucher,
            Annotated["Redemption", strawberry.lazy("schema.redemptions.types")],
            "Attempts to use it at its vendor, the latest first.",
        )
    )

    @private("Ten characters to read out or type. For its owner only.")
    def code(root: rows.Voucher) -> str:
        return root.code

    @private("What its QR code says: signed, and nothing personal. For its owner only.")
    def token(root: rows.Voucher) -> str:
        return root.token

    @private("Its QR code as an `<svg>` element. For its owner only.", cost=5)
    def qr_svg(root: rows.Voucher) -> str:
        return qr.svg(root.token)

    @private("Its QR code as a PNG in base 64. For its owner only.", cost=10)
    def qr_png(root: rows.Voucher) -> str:
        return base64.b64encode(qr.png(root.token)).decode()


@strawberry.type(description="One attempt to use a voucher at a shop, kept whatever came of it.")
class Redemption(Rows[rows.Redemption], relay.Node):
    """For the members of its vendor, and for the voucher's owner."""

    id: relay.NodeID[UUID]
    outcome: RedemptionOutcome = column("What the till was told.")
    reason: RedemptionReason = column("Why.")
    redeemed_at: datetime | None = column("When the voucher was used up; null if it wasn't.")
    device_id: str | None = column("The till's own name for itself.")
    attempted_at: datetime = strawberry.field(
        resolver=lambda root: root.created_at,
        graphql_type=datetime,
        description="When it was presented.",
    )
    vendor: Annotated["Vendor", strawberry.lazy("schema.vendors.types")] = related(
        vendor_by_id, by="vendor_id", description="Where it was presented."
    )
    voucher: Voucher | None = related(
        visible_voucher,
        by="voucher_id",
        description="What was presented; null if unknown, or another vendor's.",
    )


@strawberry.type(description="A page of redemptions, and where to follow on from it.")
class RedemptionConnection(Connection[Redemption]):
    """Its place in the journal is read before the page, so that nothing falls in between."""

    changes_after: str = strawberry.field(
        default="", description="Pass it as `after` to `vendorRedemptions`, to miss nothing."
    )


@strawberry.input(description="Which voucher.")
class CancelVoucherInput:
    """What `cancelVoucher` takes."""

    voucher_id: relay.GlobalID = column("Which voucher.")


@strawberry.input(description="A place.")
class LocationInput:
    """Where a till stands."""

    latitude: float = column("Degrees north, within ±90.")
    longitude: float = column("Degrees east, within ±180.")


@strawberry.input(description="What was presented at the till: either `token` or `code`.")
class RedeemVoucherInput:
    """What `redeemVoucher` takes."""

    vendor_id: relay.GlobalID = column("Whose till it is.")
    idempotency_key: str = column(
        "Yours, new for each scan and the same when it is repeated; at most 100 characters."
    )
    token: str | None = strawberry.field(default=None, description="What the QR code says.")
    code: str | None = strawberry.field(
        default=None, description="The code as typed; case, spaces and hyphens don't matter."
    )
    location: LocationInput | None = strawberry.field(default=None, description="Where it stands.")
    device_id: str | None = strawberry.field(
        default=None, description="The till's own name for itself; at most 100 characters."
    )

    def presented(self) -> rows.RedemptionRequest:
        return parse(rows.RedemptionRequest, **asdict(self))


@strawberry.type(description="The voucher as it is now.")
class CancelVoucherPayload(Payload):
    """What `cancelVoucher` answers."""

    voucher: Voucher | None = strawberry.field(default=None, description="As it is now.")


@strawberry.type(description="What came of the attempt. Also a refused one is no error but kept.")
class RedeemVoucherPayload(Payload):
    """What `redeemVoucher` answers."""

    redemption: Redemption | None = strawberry.field(
        default=None, description="The attempt as it is kept."
    )

    @field("What to do: hand it out, wait, or don't. Null when `errors` has something.")
    def outcome(self) -> RedemptionOutcome | None:
        return self.redemption.outcome if self.redemption else None

    @field("Why. Null when `errors` has something.")
    def reason(self) -> RedemptionReason | None:
        return self.redemption.reason if self.redemption else None

    @field("What was presented; null if unknown, or another vendor's.")
    async def voucher(self, info: Info) -> Voucher | None:
        attempt: Any = self.redemption
        if attempt is None or attempt.voucher_id is None:
            return None
        found = await info.context.loaders[visible_voucher].load(attempt.voucher_id)
        return Voucher.maybe(found)
