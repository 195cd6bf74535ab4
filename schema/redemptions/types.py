"""Vouchers, and attempts to redeem them."""

import base64
from datetime import datetime
from uuid import UUID

import strawberry
from strawberry import relay

from core.clock import now
from core.media import qr
from core.security.rotating_codes import SEPARATOR, next_change, rotating_code, rotating_key
from dataloaders.check_in import visible_scanner
from dataloaders.identity import visible_user
from dataloaders.offers import offer_by_id, terms_by_id
from dataloaders.redemptions import (
    bill_by_id,
    redemptions_of_voucher,
    visible_redemption,
    visible_voucher,
)
from dataloaders.vendors import vendor_by_id
from engine.context import Info
from engine.permissions import visible_to_owner, visible_to_owner_in_session
from engine.types import Rows, column, field, loaded, related, related_page
from models import redemptions as rows
from models.redemptions import bills
from models.vendors import Vendor
from schema.lazy import LazyOffer, LazyRedemption, LazyScanner, LazyUser, LazyVendor
from schema.money import Money, money_of, optional_money
from schema.offers.rules import FailedRule, OfferTerms
from schema.redemptions.enums import (
    OfflineBreach,
    RedemptionOutcome,
    RedemptionReason,
    ScanLight,
    ScanMode,
    VoucherState,
)
from schema.subjects import SubjectFields


@strawberry.type(
    description="The content of a voucher's QR code that changes every 30 seconds, so that a copy"
    " of the screen is soon worthless."
)
class RotatingCode:
    content: str = strawberry.field(
        description="The content of the QR code now: `token`, a tilde, and a code. A scan uses it."
    )
    changes_at: datetime = strawberry.field(
        description="The time from which another code is shown. This one is accepted for 30"
        " seconds more."
    )
    rotation_key: str = strawberry.field(
        description="The key of the codes in Base64, with which a client makes them without a"
        " network. Another `generation` has another one."
    )


@strawberry.type(
    description="An offer that a user has claimed. Visible to its owner, and without its secrets to"
    " the vendor's members and admins."
)
class Voucher(SubjectFields, Rows[rows.Voucher], relay.Node, access=visible_voucher):
    id: relay.NodeID[UUID]
    state: VoucherState = column("The state of the voucher.")
    generation: int = column("The number of the current token. Earlier tokens are refused.")
    claimed_at: datetime = column("The time at which the offer was claimed.", of="created_at")
    starts_at: datetime = column("The time from which the voucher can be redeemed.")
    expires_at: datetime = column("The time at which the voucher expires.")
    redeemed_at: datetime | None = column("The time at which the voucher was redeemed.")
    is_being_checked: bool = column(
        "Whether an attempt to redeem it is being checked. Meanwhile, it can be neither redeemed"
        " nor cancelled.",
        of="is_held",
        needs=("held_at",),
    )
    cancelled_at: datetime | None = column("The time at which its owner cancelled it.")
    was_given: bool = column(
        "Whether another user gave it to its owner. It cannot be given again.", needs=("giver_id",)
    )
    offer: LazyOffer = related(offer_by_id, by="offer_id", description="The claimed offer.")
    vendor: LazyVendor = related(
        vendor_by_id, by="vendor_id", description="The vendor that redeems the voucher."
    )

    @loaded(
        vendor_by_id,
        by="vendor_id",
        description="The reason for which its vendor would refuse the voucher now, such as"
        " VENDOR_SUSPENDED. Null if it can be redeemed.",
        needs=("vendor_id", "state", "starts_at", "expires_at", "held_at"),
    )
    def refusal(root: strawberry.Parent[rows.Voucher], vendor: Vendor) -> RedemptionReason | None:
        reason = root.redemption_result(vendor)
        return None if reason is RedemptionReason.APPROVED else reason

    redemptions: list[LazyRedemption] = related_page(
        redemptions_of_voucher,
        LazyRedemption,
        "Attempts to redeem the voucher at its vendor, newest first.",
    )
    claimed_terms: OfferTerms | None = related(
        terms_by_id,
        by="terms_id",
        description="The terms under which it was claimed, with their rules. Null if the offer had"
        " no rules then.",
    )
    used: int = column("How often it was used, without what was taken back.")
    max_uses: int = column("How often it can be used at most. 1 unless its terms allow more.")

    @loaded(
        vendor_by_id,
        by="vendor_id",
        description="The rest of its balance. Null if it has none: it is used as a whole.",
        needs=("vendor_id", "balance_minor"),
    )
    def balance_left(root: strawberry.Parent[rows.Voucher], vendor: Vendor) -> Money | None:
        return optional_money(root.balance_minor, vendor.currency)

    code: str | None = visible_to_owner(
        column(
            "The code to read out or type: 10 symbols in two groups of five, with a hyphen, such as"
            " `7QX4M-2K9TD`. Visible to the owner."
        )
    )
    token: str | None = visible_to_owner(
        column("The signed content of the QR code, without personal data. Visible to the owner.")
    )

    @visible_to_owner
    @field("The QR code as an `<svg>` element. Visible to the owner.", needs=("token",), cost=5)
    def qr_svg(root: strawberry.Parent[rows.Voucher]) -> str | None:
        return qr.svg(root.token)

    @visible_to_owner
    @field("The QR code as a PNG in Base64. Visible to the owner.", needs=("token",), cost=10)
    def qr_png(root: strawberry.Parent[rows.Voucher]) -> str | None:
        return base64.b64encode(qr.png(root.token)).decode()

    @visible_to_owner_in_session
    @field(
        "The QR code that changes every 30 seconds, to show instead of `token`: some vendors"
        " require it. Visible to the owner, and not to API tokens.",
        needs=("token", "generation"),
    )
    def rotating_code(root: strawberry.Parent[rows.Voucher], info: Info) -> RotatingCode | None:
        key, at = rotating_key(info.context.app.keys, root.id, root.generation), now()
        return RotatingCode(
            content=f"{root.token}{SEPARATOR}{rotating_code(key, at)}",
            changes_at=next_change(at),
            rotation_key=base64.b64encode(key).decode(),
        )


@strawberry.type(
    description="A bill of a vendor, which vouchers share. Visible with the attempts that name it."
)
class Bill(Rows[bills.Bill]):
    reference: str = column("The till's reference, which is unique at the vendor.")

    @field("The total with tax, before discounts.", needs=("amount_minor", "currency"))
    def amount(root: strawberry.Parent[bills.Bill]) -> Money:
        return money_of(root.amount_minor, root.currency)

    @field(
        "The part that vouchers took of it, at most `amount`.", needs=("discount_minor", "currency")
    )
    def discount(root: strawberry.Parent[bills.Bill]) -> Money:
        return money_of(root.discount_minor, root.currency)


@strawberry.type(
    description="An attempt to redeem a voucher, stored whatever its outcome. Visible to the"
    " vendor's members, to the voucher's owner, and to admins."
)
class Redemption(Rows[rows.Redemption], relay.Node, access=visible_redemption):
    id: relay.NodeID[UUID]
    outcome: RedemptionOutcome = column("The outcome of the attempt.")

    @loaded(
        visible_voucher,
        by="guessed_voucher_id",
        description="The reason for the outcome. For a typed code of another vendor it is UNKNOWN,"
        " except for the voucher's owner and admins.",
        needs=("voucher_id", "typed", "reason"),
    )
    def reason(
        root: strawberry.Parent[rows.Redemption], voucher: rows.Voucher | None, info: Info
    ) -> RedemptionReason:
        if root.guessed_voucher_id is None:
            return root.reason
        viewer = info.context.viewer
        owned = voucher is not None and voucher.user_id == viewer.user_id
        return root.reason if owned or viewer.admin else root.reason_at_till

    redeemed_at: datetime | None = column(
        "The time at which the voucher was redeemed. Null unless it was.",
        needs=("created_at", "moment", "outcome"),
    )
    reversed_at: datetime | None = column(
        "The time at which a member took the redemption back. Null unless one did."
    )
    reverse_reason: str | None = column("The reason for which it was taken back.")
    device_id: str | None = column("The scanning device's own id.")
    scanned_with: LazyScanner | None = related(
        visible_scanner,
        by="scanner_id",
        description="The vendor's scanner. Null if the attempt names none, or the viewer doesn't"
        " manage the vendor's scanners.",
    )

    @field(
        "The rule of the offer that refused it, with data. Null unless `reason` is RULE_FAILED.",
        needs=("reason", "failed_rule", "rule_facts"),
    )
    def failed_rule(root: strawberry.Parent[rows.Redemption]) -> FailedRule | None:
        failure = root.failure
        return None if failure is None else FailedRule(**failure.data())

    bill: Bill | None = related(
        bill_by_id, by="bill_id", description="The bill that the till named. Null if it named none."
    )

    @loaded(
        vendor_by_id,
        by="vendor_id",
        description="The amount that it took of the voucher's balance, or of the bill. Null if"
        " neither was given, or it was refused.",
        needs=("vendor_id", "amount_minor"),
    )
    def amount_taken(root: strawberry.Parent[rows.Redemption], vendor: Vendor) -> Money | None:
        return optional_money(root.amount_minor, vendor.currency)

    attempted_at: datetime = column(
        "The time of the attempt, by the server's clock.", needs=("created_at", "moment")
    )
    received_at: datetime = column(
        "The time at which the server received it: later, if it was made without a network.",
        of="created_at",
    )
    scan_mode: ScanMode = column("Whether it was made with a network.", of="mode")
    light_shown: ScanLight | None = column(
        "The light that the scanner showed. Null with a network: see `outcome`.", of="shown"
    )
    clock_wrong: bool = column(
        "Whether the scanner's clock was too far off, so that the time is that of the reception."
    )
    offline_breach: OfflineBreach | None = column(
        "The limit that the scanner has passed by accepting it without a network. Null if none.",
        of="breach",
    )
    vendor: LazyVendor = related(
        vendor_by_id, by="vendor_id", description="The vendor where it was presented."
    )
    by: LazyUser | None = related(
        visible_user,
        by="member_id",
        description="The user that scanned it. Null unless the viewer sees this user.",
    )
    voucher: Voucher | None = related(
        visible_voucher,
        by="voucher_id",
        description="The voucher. Null if it is unknown or another vendor's.",
    )
