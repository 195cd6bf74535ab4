"""Vouchers that their holders give to others."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from models.base import Row, enum_column, foreign_key, optional_foreign_key, timestamp
from models.errors import Refusal
from models.personal_data import blank_values
from models.redemptions import Voucher
from models.text import Identifier

GIFT_DAYS = 7
MAX_GIFTS = 5  # of a voucher, withdrawn and declined ones included
CODE_LENGTH = 19  # of sixteen symbols in four groups
MAX_TYPED_CODE = 40


class GiftState(StrEnum):
    """`OFFERED → ACCEPTED / DECLINED / WITHDRAWN / LAPSED`."""

    OFFERED = "OFFERED"
    ACCEPTED = "ACCEPTED"
    DECLINED = "DECLINED"
    WITHDRAWN = "WITHDRAWN"
    LAPSED = "LAPSED"


class VoucherGift(Row, table=True):
    """A voucher that its holder gives away: to a user, or to who has the code.

    The voucher stays the giver's, who can still redeem it, until the gift is accepted. The code is
    stored, so that an idempotent retry returns the same one, and erased at the end. Two unique
    indexes allow one open gift of a voucher, and one that is accepted: a voucher is given once.
    """

    __tablename__ = "voucher_gift"
    __table_args__ = (
        CheckConstraint("(state = 'OFFERED') = (ended_at IS NULL)", name="ended_at"),
        CheckConstraint("(state = 'OFFERED') = (code IS NOT NULL)", name="code"),
        CheckConstraint("state <> 'ACCEPTED' OR to_user_id IS NOT NULL", name="accepted"),
        CheckConstraint("to_user_id <> from_user_id", name="other_user"),
        Index(
            "voucher_gift_offered_key",
            "voucher_id",
            unique=True,
            postgresql_where=text("state = 'OFFERED'"),
        ),
        Index(
            "voucher_gift_accepted_key",
            "voucher_id",
            unique=True,
            postgresql_where=text("state = 'ACCEPTED'"),
        ),
        Index("voucher_gift_voucher_id_idx", "voucher_id", "created_at", "id"),
        Index("voucher_gift_from_user_id_idx", "from_user_id", "created_at", "id"),
        Index("voucher_gift_to_user_id_idx", "to_user_id", "created_at", "id"),
        Index(
            "voucher_gift_expires_at_idx",
            "expires_at",
            postgresql_where=text("state = 'OFFERED'"),
        ),
    )
    __privacy__ = blank_values(
        of="from_user_id to_user_id",
        secrets="code",
        blank={
            "code": "NULL",
            "state": "CASE state WHEN 'OFFERED' THEN 'WITHDRAWN' ELSE state END",
            "ended_at": "coalesce(ended_at, now())",
        },
    )

    voucher_id: UUID = foreign_key("voucher", index=False)
    from_user_id: UUID = foreign_key("user", index=False)
    to_user_id: UUID | None = optional_foreign_key("user", index=False)
    code: str | None = Field(default=None, max_length=CODE_LENGTH, unique=True)
    state: GiftState = enum_column(GiftState, default=GiftState.OFFERED)
    expires_at: datetime = timestamp()
    ended_at: datetime | None = timestamp(default=None)

    def ensure_open(self, voucher: Voucher, moment: datetime) -> None:
        """Raise `InvalidGiftState` unless the gift can be accepted at a moment.

        The giver may have redeemed or cancelled the voucher meanwhile, or an attempt to redeem it
        is being checked.
        """
        givers = voucher.user_id == self.from_user_id
        offered = self.state is GiftState.OFFERED and moment < self.expires_at
        if not (offered and givers and not voucher.used and voucher.is_usable(moment)):
            raise InvalidGiftState

    def end(self, state: GiftState, moment: datetime) -> None:
        self.state, self.ended_at, self.code = state, moment, None


def end_of_gift(voucher: Voucher, moment: datetime) -> datetime:
    """Return until when a gift that is made now can be accepted."""
    return min(moment + timedelta(days=GIFT_DAYS), voucher.expires_at)


class GiftCodeDraft(BaseModel, frozen=True):
    """Validated code of a gift, as it was typed."""

    code: Annotated[str, Identifier(MAX_TYPED_CODE)]


class InvalidGiftState(Refusal):
    code = "GIFT_STATE"
    message = "This gift is over: it was accepted, declined or withdrawn, or the voucher was used."
    meaning = (
        "The gift is not OFFERED, its time is over, or its voucher is not CLAIMED any more or is"
        " being checked."
    )
    remedy = "Refetch the gift's `giftState` and the voucher's `state`."
    constraint = "voucher_gift_offered_key"


class VoucherGivenBefore(Refusal):
    message = "This voucher was a gift. It can be given once."
    meaning = "The voucher was given before, or offered to others too often."
    remedy = "Hide the action."
    constraint = "voucher_gift_accepted_key"
