"""Gifts of vouchers, and their inputs."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import UNSET, relay

from dataloaders.gifts import visible_gift
from dataloaders.identity import visible_user
from dataloaders.redemptions import offer_of_voucher, visible_voucher
from engine.ids import id_field, id_of
from engine.permissions import visible_to_giver
from engine.types import Rows, column, related
from models import gifts as rows
from models.validation import parse, within
from schema.gifts.enums import GiftState
from schema.lazy import LazyOffer, LazyUser, LazyVoucher

GiftId = Annotated[UUID, id_of("VoucherGift", "The gift's id.")]


@strawberry.type(
    description="A voucher that its holder gives to another. Visible to these two users, and to"
    " admins."
)
class VoucherGift(Rows[rows.VoucherGift], relay.Node, access=visible_gift):
    id: relay.NodeID[UUID]
    gift_state: GiftState = column("The state.", of="state")
    created_at: datetime = column("The time at which it was made.")
    expires_at: datetime = column("The time until which it can be accepted.")
    ended_at: datetime | None = column("The time of its end. Null while it is OFFERED.")
    code: str | None = visible_to_giver(
        column("The code that accepts it. Visible to the giver, while it is OFFERED.")
    )
    voucher: LazyVoucher | None = related(
        visible_voucher,
        by="voucher_id",
        description="The voucher. Null for all but its holder, the vendor's members and admins.",
    )
    offer: LazyOffer = related(
        offer_of_voucher, by="voucher_id", description="The offer of the voucher."
    )
    giver: LazyUser | None = related(
        visible_user,
        by="from_user_id",
        description="The user who gives it. Null unless the viewer sees this user.",
    )
    receiver: LazyUser | None = related(
        visible_user,
        by="to_user_id",
        description="The user who can have it, or has it. Null unless the viewer sees this user.",
    )


@strawberry.input(description="A voucher that its holder gives to another.")
class GiftVoucherInput:
    voucher_id: UUID = id_field("Voucher", "The id of one of the viewer's vouchers.")
    to_user_id: UUID | None = id_field(
        "User",
        "The user who can accept it. If omitted, the first who enters the code can.",
        default=None,
    )
    idempotency_key: str = column(
        "A unique key for this request, of at most 100 characters. A retry with the same key and"
        " input returns the stored result."
    )


@strawberry.input(one_of=True, description="A gift to the viewer, in exactly one of the ways.")
class ReceivedGiftInput:
    gift_id: UUID | None = id_field(
        "VoucherGift", "The id of a gift to the viewer as a user.", default=UNSET
    )
    code: str | None = strawberry.field(
        default=UNSET, description="The code that the giver has passed on, in any case."
    )

    def given(self) -> tuple[UUID | None, str | None]:
        """Return the id or the code. Raises `InvalidInput`."""
        if isinstance(self.gift_id, UUID):
            return self.gift_id, None
        with within("gift"):
            return None, parse(rows.GiftCodeDraft, code=self.code).code


@strawberry.input(description="The acceptance of a voucher.")
class AcceptGiftInput:
    gift: ReceivedGiftInput = column("The gift.")
    idempotency_key: str = column(
        "A unique key for this request, of at most 100 characters. A retry with the same key and"
        " input returns the stored result."
    )


@strawberry.input(description="The refusal of a voucher.")
class DeclineGiftInput:
    gift: ReceivedGiftInput = column("The gift.")
