"""Stock of variants: what is there, what is reserved, and each movement."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel
from pydantic import Field as Range
from sqlalchemy import CheckConstraint, Column, Index, text
from sqlalchemy.dialects.postgresql import INT4RANGE, ExcludeConstraint
from sqlmodel import Field

from core.clock import now
from core.ids import global_id
from models.base import APPEND_ONLY, Row, enum_column, foreign_key, optional_foreign_key, timestamp
from models.errors import Refusal
from models.personal_data import keep_rows, of_others
from models.text import OneLine, one_line_constraint

MAX_ON_HAND = 10**9
MAX_MOVED = 1_000_000  # units of one movement by a member
MAX_STOCK_LINES = 100  # variants that one `receiveStock` receives
MAX_NOTE_LENGTH = 200
Note = Annotated[str, OneLine(MAX_NOTE_LENGTH)]
Units = Annotated[int, Range(ge=1, le=MAX_MOVED)]
OnHand = Annotated[int, Range(ge=0, le=MAX_MOVED)]


class Stock(Row, table=True):
    """The units of a variant. Those that can be sold are on hand and not reserved.

    Its movements add up to `on_hand`. Notices are sent when the units that can be sold fall to
    `low_at`; `low_number` counts how often they did.
    """

    __table_args__ = (
        CheckConstraint("reserved BETWEEN 0 AND on_hand", name="reserved"),
        CheckConstraint(f"on_hand <= {MAX_ON_HAND}", name="on_hand"),
        CheckConstraint(f"low_at BETWEEN 0 AND {MAX_MOVED}", name="low_at"),
        CheckConstraint("low_number >= 0", name="low_number"),
        Index(
            "stock_low_idx",
            "variant_id",
            postgresql_where=text("on_hand - reserved <= low_at"),
        ),
        Index("stock_variant_id_key", "variant_id", unique=True),
    )
    __privacy__ = of_others(none="on_hand reserved low_at low_number")

    variant_id: UUID = foreign_key("variant", index=False)
    on_hand: int = 0
    reserved: int = 0
    low_at: int | None = None
    low_number: int = 0
    changed_at: datetime = timestamp(default_factory=now)

    @property
    def available(self) -> int:
        """Return the units that can be sold."""
        return self.on_hand - self.reserved

    @property
    def is_low(self) -> bool:
        return self.low_at is not None and self.available <= self.low_at


class MovementKind(StrEnum):
    """Why units came or went. Orders write SOLD and RETURNED, members the others."""

    RECEIVED = "RECEIVED"
    COUNTED = "COUNTED"
    SOLD = "SOLD"
    RETURNED = "RETURNED"
    LOST = "LOST"


class StockMovement(Row, table=True):
    """A change of the units on hand, kept for good. A movement is corrected by another one.

    `units` are those of the order's line that it is about: a unit is sold once, and comes back
    once, by whichever way.
    """

    __tablename__ = "stock_movement"
    __table_args__ = (
        one_line_constraint("note"),
        CheckConstraint(f"char_length(note) <= {MAX_NOTE_LENGTH}", name="note_length"),
        CheckConstraint(
            "CASE kind WHEN 'RECEIVED' THEN quantity > 0 WHEN 'RETURNED' THEN quantity > 0"
            " WHEN 'SOLD' THEN quantity < 0 WHEN 'LOST' THEN quantity < 0"
            " ELSE quantity <> 0 END",
            name="quantity",
        ),
        CheckConstraint(
            "CASE WHEN kind IN ('SOLD', 'RETURNED')"
            " THEN upper(units) - lower(units) = abs(quantity) AND line_id IS NOT NULL"
            " ELSE num_nonnulls(line_id, units) = 0 END IS TRUE",
            name="units",
        ),
        CheckConstraint("on_hand >= 0", name="on_hand"),
        ExcludeConstraint(
            ("kind", "="),
            ("line_id", "="),
            ("units", "&&"),
            name="stock_movement_units_excl",
            using="gist",
        ),
        Index("stock_movement_variant_id_idx", "variant_id", "created_at", "id"),
        APPEND_ONLY,
    )
    __privacy__ = keep_rows(id="line_id", none="quantity units on_hand note")

    variant_id: UUID = foreign_key("variant", index=False)
    kind: MovementKind = enum_column(MovementKind)
    quantity: int
    on_hand: int
    line_id: UUID | None = None
    units: Any = Field(default=None, sa_column=Column(INT4RANGE, nullable=True))
    note: Note | None = Field(default=None)
    user_id: UUID | None = optional_foreign_key("user")


class StockLine(BaseModel, frozen=True):
    """Units of a variant that were received."""

    variant_id: UUID
    quantity: Units


class StockReceipt(BaseModel, frozen=True):
    """Validated input of units that were received."""

    lines: Annotated[list[StockLine], Range(min_length=1, max_length=MAX_STOCK_LINES)]
    note: Note | None = None


class Loss(BaseModel, frozen=True):
    """Validated input of units that were lost."""

    quantity: Units
    note: Note | None = None


class StockCount(BaseModel, frozen=True):
    """Validated input of a count. `expected` are the units that the member saw before."""

    on_hand: OnHand
    expected: Annotated[int, Range(ge=0, le=MAX_ON_HAND)]
    note: Note | None = None


class LowStock(BaseModel, frozen=True):
    """Validated input of the number of units at which stock is low."""

    low_at: OnHand | None = None


class InsufficientStock(Refusal):
    """Fewer units than wanted can be sold. `available` are left of the variant with this id."""

    message = "Only {available} of this are left. Choose a lower number."
    meaning = "Fewer units of the variant are available than the request needs."
    remedy = "Show `available`, and refetch the variant."

    def __init__(self, *, variant_id: UUID, available: int, field: list[str] | None = None) -> None:
        self.variant_id, self.available = global_id("Variant", variant_id), available
        super().__init__(field=field, available=available)


class StockMoved(Refusal):
    """The units on hand are not those that the member expected."""

    message = "The stock has changed to {on_hand} in the meantime. Count again."
    meaning = "`expected` is not the number of units on hand: they were sold, received or counted."
    remedy = "Show `onHand` of the error, and let the user count again."

    def __init__(self, *, on_hand: int) -> None:
        self.on_hand = on_hand
        super().__init__(field=["expected"], on_hand=on_hand)


class StockReserved(Refusal):
    """Fewer units were counted than orders have reserved."""

    message = "Orders have reserved {reserved} of these. Count again, or cancel orders first."
    meaning = "The units on hand would be fewer than those that orders have reserved."
    remedy = "Show the orders that need the variant, so that the user can cancel some."


class StockTooHigh(Refusal):
    message = "More units than a business can have in stock. Correct the number."
    meaning = "The units on hand would exceed the maximum."
    remedy = "Show `message`, so that the user can correct the number."
    constraint = "stock_on_hand_check"
