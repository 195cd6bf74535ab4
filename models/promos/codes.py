"""Promo codes: discounts of vendors and of the platform that buyers enter."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Uuid, false, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel

from core.clock import now
from models.base import (
    Row,
    enum_column,
    foreign_key,
    optional_foreign_key,
    timestamp,
)
from models.errors import Refusal
from models.personal_data import keep_rows, of_others
from models.pricing.amounts import BPS, MAX_ORDER_AMOUNT
from models.pricing.discounts import Discount, FundedBy, PromoKind, Scope

MAX_ACTIVE_CODES = 200  # of a vendor
MAX_IN_SCOPE = 50  # categories, and vendors
MAX_CAPACITY = 1_000_000
MAX_PER_USER = 100
MAX_AMOUNT = 10**12


class PromoCodeState(StrEnum):
    """`ACTIVE → ENDED`. An ACTIVE one is valid from its start to its end."""

    ACTIVE = "ACTIVE"
    ENDED = "ENDED"


class PromoCode(Row, table=True):
    """A discount by a code. A vendor pays for its own codes, the platform for those without one.

    The text is unique among the active codes of a vendor, and among those of the platform: what
    others have chosen neither blocks a vendor, nor is shown to it.

    `value` is in basis points or in minor units of `currency`, by its kind. `used` never exceeds
    `capacity`; None means unlimited. Its discount never changes, so that orders can refer to it.
    """

    __tablename__ = "promo_code"
    __table_args__ = (
        CheckConstraint("code ~ '^[A-Z0-9][A-Z0-9-]{1,30}[A-Z0-9]$'", name="code"),
        CheckConstraint(
            f"""CASE kind
            WHEN 'PERCENT' THEN value BETWEEN 1 AND {BPS}
            WHEN 'AMOUNT' THEN value BETWEEN 1 AND {MAX_AMOUNT} AND max_discount IS NULL
            WHEN 'FREE_DELIVERY' THEN value = 0
            END IS TRUE""",
            name="value",
        ),
        CheckConstraint(f"minimum BETWEEN 0 AND {MAX_AMOUNT}", name="minimum"),
        CheckConstraint(f"max_discount BETWEEN 1 AND {MAX_AMOUNT}", name="max_discount"),
        CheckConstraint("used BETWEEN 0 AND coalesce(capacity, used)", name="capacity"),
        CheckConstraint(f"capacity BETWEEN 1 AND {MAX_CAPACITY}", name="capacity_range"),
        CheckConstraint(f"per_user BETWEEN 1 AND {MAX_PER_USER}", name="per_user"),
        CheckConstraint("valid_from < valid_until", name="window"),
        CheckConstraint("(state = 'ENDED') = (ended_at IS NOT NULL)", name="ended_at"),
        CheckConstraint(f"cardinality(category_ids) <= {MAX_IN_SCOPE}", name="category_ids"),
        CheckConstraint(
            f"cardinality(vendor_ids) <= {MAX_IN_SCOPE}"
            " AND (vendor_id IS NULL OR cardinality(vendor_ids) = 0)",
            name="vendor_ids",
        ),
        Index(
            "promo_code_code_key",
            "code",
            "vendor_id",
            unique=True,
            postgresql_nulls_not_distinct=True,
            postgresql_where=text("state = 'ACTIVE'"),
        ),
        Index("promo_code_vendor_id_idx", "vendor_id", "created_at", "id"),
        Index("promo_code_created_at_idx", "created_at", "id"),
    )
    __privacy__ = of_others(
        none=(
            "code value currency minimum max_discount capacity per_user used category_ids"
            " vendor_ids"
        )
    )

    vendor_id: UUID | None = optional_foreign_key("vendor", index=False)
    code: str = Field(max_length=32)
    state: PromoCodeState = enum_column(PromoCodeState, default=PromoCodeState.ACTIVE)
    kind: PromoKind = enum_column(PromoKind)
    value: int = Field(sa_type=BigInteger)
    currency: str = Field(max_length=3)
    minimum: int = Field(default=0, sa_type=BigInteger)
    max_discount: int | None = Field(default=None, sa_type=BigInteger)
    capacity: int | None = None
    per_user: int = 1
    used: int = 0
    combines: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    category_ids: list[UUID] = Field(
        default_factory=list, sa_column=Column(ARRAY(Uuid), nullable=False, server_default="{}")
    )
    vendor_ids: list[UUID] = Field(
        default_factory=list, sa_column=Column(ARRAY(Uuid), nullable=False, server_default="{}")
    )
    valid_from: datetime = timestamp(default_factory=now)
    valid_until: datetime | None = timestamp(default=None)
    ended_at: datetime | None = timestamp(default=None)

    @property
    def funded_by(self) -> FundedBy:
        return FundedBy.PLATFORM if self.vendor_id is None else FundedBy.VENDOR

    @property
    def remaining(self) -> int | None:
        """Return the uses left; None if unlimited."""
        return None if self.capacity is None else self.capacity - self.used

    def discount(self) -> Discount:
        """Return the discount by the rules of prices."""
        vendor_ids = [self.vendor_id] if self.vendor_id else self.vendor_ids
        return Discount(
            source=str(self.id),  # the text is that of several vendors
            kind=self.kind,
            value=self.value,
            funded_by=self.funded_by,
            scope=Scope(frozenset(vendor_ids), frozenset(self.category_ids)),
            minimum=self.minimum,
            most=self.max_discount,
            combines=self.combines,
        )

    def is_valid(self, moment: datetime) -> bool:
        """Return whether the code can be used at a moment, as far as uses are left."""
        begun = self.state is PromoCodeState.ACTIVE and self.valid_from <= moment
        return begun and (self.valid_until is None or moment < self.valid_until)

    def ensure_usable(self, moment: datetime, *, held: int = 0) -> None:
        """Raise `PromoNotValid` or `PromoUsedUp` if the code cannot be used at a moment.

        `held` are uses that the buyer would give back for it.
        """
        if not self.is_valid(moment):
            raise PromoNotValid
        if self.remaining == 0 and not held:
            raise PromoUsedUp

    def ensure_active(self) -> None:
        if self.state is PromoCodeState.ENDED:
            raise PromoCodeEnded

    def end(self) -> None:
        """End the code for good. Its name can be given to another one."""
        if self.state is PromoCodeState.ACTIVE:
            self.state, self.ended_at = PromoCodeState.ENDED, now()


class PromoUse(SQLModel, table=True):
    """A use of a code by an order. `turn` counts those of a user, `amount` is the discount.

    It is deleted when the order gives it back, by expiring or by being cancelled whole.
    """

    __tablename__ = "promo_use"
    __table_args__ = (
        CheckConstraint(f"turn BETWEEN 1 AND {MAX_PER_USER}", name="turn"),
        CheckConstraint(f"amount BETWEEN 0 AND {MAX_ORDER_AMOUNT}", name="amount"),
        Index("promo_use_turn_key", "promo_code_id", "user_id", "turn", unique=True),
        Index("promo_use_user_id_idx", "user_id"),
    )
    __privacy__ = keep_rows(none="turn amount")

    order_id: UUID = foreign_key("order", primary_key=True, index=False)
    promo_code_id: UUID = foreign_key("promo_code", primary_key=True, index=False)
    user_id: UUID = foreign_key("user", index=False)
    turn: int
    amount: int = Field(sa_type=BigInteger)
    created_at: datetime = timestamp(default_factory=now)


class PromoNotValid(Refusal):
    message = "This code is not valid. Check its spelling and the time for which it is offered."
    meaning = "There is no such code, it has not begun, or it has ended."
    remedy = "Show `message` next to the code, and let the user remove it."


class PromoUsedUp(Refusal):
    message = "This code has been used as often as it can be."
    meaning = (
        "All uses of the code are taken. One is given back if an order expires or is cancelled"
        " whole."
    )
    remedy = "Let the user remove the code."


class PromoUseLimitReached(Refusal):
    message = "You have used this code as often as you can."
    meaning = "The viewer has used the code as often as one user may."
    remedy = "Let the user remove the code."
    constraint = "promo_use_turn_key"


class PromoCodeTaken(Refusal):
    message = "This code is in use already. Choose another one."
    meaning = "An active code of the vendor, or of the platform for one of its own, has this text."
    remedy = "Show `message` next to the code and ask for another one."
    constraint = "promo_code_code_key"


class PromoCodeLimitReached(Refusal):
    message = "The vendor can have at most {most} active codes. End one first."
    meaning = "The vendor has the maximum number of active promo codes."
    remedy = "List the active codes, so that the user can end one."


class PromoCodeEnded(Refusal):
    message = "This code has ended, so it cannot be changed. Create another one."
    meaning = "The promo code was ended for good."
    remedy = "Refetch the code's `state`, and offer to create another one."


class CapacityBelowUsed(Refusal):
    message = "The code has been used more often than this. Choose a higher number."
    meaning = "The new capacity is lower than the number of uses."
    remedy = "Refetch `used` and require at least that number."
    constraint = "promo_code_capacity_check"
