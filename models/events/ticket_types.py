"""Ticket types: what is sold, at which price, in which time, and out of which quotas."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel

from models.base import (
    DEFERRED,
    LONG,
    Row,
    enum_column,
    foreign_key,
    json,
    open_enum_column,
    optional_foreign_key,
    timestamp,
)
from models.catalog.products import TaxClass
from models.errors import InvalidInput, Refusal
from models.events.events import SaleEnded, SaleNotOpen
from models.personal_data import of_others
from models.text import OneLine, Paragraphs, one_line_constraint

MAX_TICKET_TYPES = 100  # of an event, with retired ones
MAX_TIERS = 10
MAX_TICKET_PRICE = 10**12  # minor units
MAX_PER_HOLD = 50  # tickets
MAX_ADMITS = 20  # people of one group ticket
MAX_CATEGORIES_OF_TYPE = 20
MAX_CODES_OF_TYPE = 50
MAX_QUOTAS = 50  # of a date
MAX_QUOTAS_OF_TYPE = 10  # on one date
MAX_QUOTA = 1_000_000
TicketTypeName = Annotated[str, OneLine(80)]
TicketTypeText = Annotated[str, Paragraphs(1_000)]
QuotaName = Annotated[str, OneLine(80)]


class TicketTypeState(StrEnum):
    """`ACTIVE ⇄ RETIRED`. A RETIRED one is not sold; tickets keep referring to it."""

    ACTIVE = "ACTIVE"
    RETIRED = "RETIRED"


class TicketTypeKind(StrEnum):
    """An ADD_ON is sold to who has a ticket, such as parking. Buyers choose a DONATION's amount."""

    ADMISSION = "ADMISSION"
    ADD_ON = "ADD_ON"
    DONATION = "DONATION"


def ids_column() -> Column[Sequence[UUID]]:
    return Column(ARRAY(Uuid), nullable=False, server_default="{}")


class TicketType(Row, table=True):
    """A kind of ticket. It is sold on the dates that have one of its quotas.

    With categories it is seated: it is also sold for their seats on the dates with a chart, which
    are their own capacity. `admits` is the number of tickets that one unit gives: of a group ticket
    more than one. Without a price tier that is open, `price` is the price, or the least that is
    donated. Of a companion ticket, `companion_of_id` is the type of which a hold has as many.
    """

    __tablename__ = "ticket_type"
    __table_args__ = (
        ForeignKeyConstraint(
            ["event_id", "vendor_id"], ["event.id", "event.vendor_id"], **DEFERRED
        ),
        CheckConstraint("position BETWEEN 0 AND 99", name="position"),
        CheckConstraint(f"price BETWEEN 0 AND {MAX_TICKET_PRICE}", name="price"),
        CheckConstraint(f"admits BETWEEN 1 AND {MAX_ADMITS}", name="admits"),
        CheckConstraint(
            f"min_per_order BETWEEN 1 AND max_per_order AND max_per_order <= {MAX_PER_HOLD}",
            name="per_order",
        ),
        CheckConstraint("sale_starts_at < sale_ends_at", name="sale"),
        CheckConstraint(
            f"cardinality(category_ids) <= {MAX_CATEGORIES_OF_TYPE}"
            " AND (cardinality(category_ids) = 0 OR admits = 1 AND kind = 'ADMISSION')",
            name="category_ids",
        ),
        CheckConstraint("companion_of_id <> id", name="companion_of_id"),
        CheckConstraint("hsn_code ~ '^[0-9]{4,8}$'", name="hsn_code"),
        Index("ticket_type_event_id_idx", "event_id", "position", "id"),
    )
    __privacy__ = of_others(
        none=(
            "position locale name description price currency admits min_per_order"
            " max_per_order category_ids hsn_code"
        )
    )

    event_id: UUID
    vendor_id: UUID
    kind: TicketTypeKind = enum_column(TicketTypeKind, default=TicketTypeKind.ADMISSION)
    state: TicketTypeState = enum_column(TicketTypeState, default=TicketTypeState.ACTIVE)
    position: int = 0
    locale: str = Field(max_length=16)
    name: dict[str, TicketTypeName] = json()
    description: dict[str, TicketTypeText] = json(
        default_factory=dict, sa_column_kwargs={"info": LONG}
    )
    price: int = Field(sa_type=BigInteger)
    currency: str = Field(max_length=3)
    admits: int = 1
    min_per_order: int = 1
    max_per_order: int = 10
    needs_code: bool = False
    companion_of_id: UUID | None = optional_foreign_key("ticket_type")
    category_ids: list[UUID] = Field(default_factory=list, sa_column=ids_column())
    sale_starts_at: datetime | None = timestamp(default=None)
    sale_ends_at: datetime | None = timestamp(default=None)
    tax_class: TaxClass = open_enum_column(TaxClass, default=TaxClass.STANDARD)
    hsn_code: str | None = Field(default=None, max_length=8)

    @property
    def active(self) -> bool:
        return self.state is TicketTypeState.ACTIVE

    @property
    def seated(self) -> bool:
        return bool(self.category_ids)

    def ensure_active(self) -> None:
        if not self.active:
            raise SaleEnded

    def ensure_on_sale(self, moment: datetime) -> None:
        """Raise `SaleNotOpen` or `SaleEnded` if the type is not sold at a moment."""
        if not self.active or (self.sale_ends_at is not None and self.sale_ends_at <= moment):
            raise SaleEnded
        if self.sale_starts_at is not None and moment < self.sale_starts_at:
            raise SaleNotOpen(self.sale_starts_at)

    def is_on_sale(self, moment: datetime) -> bool:
        try:
            self.ensure_on_sale(moment)
        except (SaleNotOpen, SaleEnded):
            return False
        return True

    def ensure_quantity(self, quantity: int, field: list[str]) -> None:
        if self.kind is TicketTypeKind.DONATION:
            return
        if not self.min_per_order <= quantity <= self.max_per_order:
            raise TicketQuantity(least=self.min_per_order, most=self.max_per_order, field=field)

    def ensure_amount(self, amount: int | None, price: int, field: list[str]) -> None:
        """Raise `InvalidInput` for an amount of anything but a donation, or one below its price."""
        if amount is None:
            return
        if self.kind is not TicketTypeKind.DONATION:
            raise InvalidInput("Only a donation has an amount that you choose.", field=field)
        if amount < price:
            raise InvalidInput("Choose at least the price of this donation.", field=field)

    def open_tier(
        self, tiers: "Sequence[PriceTier]", room: Mapping[UUID, int], moment: datetime, wanted: int
    ) -> "PriceTier | None":
        """Return the first tier that is open and has room, None if the type's own price counts.

        `tiers` are sorted by position. `room` are the units left by quota of the date: a tier whose
        quota is another date's is not open here.
        """
        return next((one for one in tiers if one.is_open(moment, room, wanted)), None)

    def price_now(self, tier: "PriceTier | None") -> int:
        return self.price if tier is None else tier.price


class PriceTier(Row, table=True):
    """A price of a ticket type until a time, or until a quota is used up."""

    __tablename__ = "price_tier"
    __table_args__ = (
        UniqueConstraint("ticket_type_id", "position", **DEFERRED),
        one_line_constraint("name"),
        CheckConstraint(f"position BETWEEN 0 AND {MAX_TIERS - 1}", name="position"),
        CheckConstraint(f"price BETWEEN 0 AND {MAX_TICKET_PRICE}", name="price"),
        CheckConstraint("num_nonnulls(until, quota_id) >= 1", name="end"),
    )
    __privacy__ = of_others(none="position name price currency")

    ticket_type_id: UUID = foreign_key("ticket_type", index=False)
    position: int
    name: TicketTypeName = Field(max_length=80)
    price: int = Field(sa_type=BigInteger)
    currency: str = Field(max_length=3)
    until: datetime | None = timestamp(default=None)
    quota_id: UUID | None = optional_foreign_key("ticket_quota")

    def is_open(self, moment: datetime, room: Mapping[UUID, int], wanted: int) -> bool:
        if self.until is not None and self.until <= moment:
            return False
        return self.quota_id is None or room.get(self.quota_id, 0) >= wanted


class TicketQuota(Row, table=True):
    """So many tickets of a date, of one or more types. A ticket counts in each of its quotas.

    `taken` counts what is held and what is sold. While `waitlist_first`, the public sale takes
    nothing: those who wait come first.
    """

    __tablename__ = "ticket_quota"
    __table_args__ = (
        UniqueConstraint("event_date_id", "name"),
        one_line_constraint("name"),
        CheckConstraint("taken BETWEEN 0 AND capacity", name="taken"),
        CheckConstraint(f"capacity BETWEEN 0 AND {MAX_QUOTA}", name="capacity"),
        {"postgresql_with": {"fillfactor": 50}},
    )
    __privacy__ = of_others(none="name capacity taken")

    event_date_id: UUID = foreign_key("event_date", index=False)
    section_id: UUID | None = optional_foreign_key("chart_section")
    name: QuotaName = Field(max_length=80)
    capacity: int
    taken: int = 0
    waitlist_first: bool = False

    @property
    def left(self) -> int:
        return self.capacity - self.taken


class TypeQuota(SQLModel, table=True):
    """A ticket type that is sold out of a quota."""

    __tablename__ = "type_quota"
    __table_args__ = (Index("type_quota_quota_id_idx", "quota_id"),)
    __privacy__ = of_others()

    ticket_type_id: UUID = foreign_key("ticket_type", primary_key=True, index=False)
    quota_id: UUID = foreign_key("ticket_quota", primary_key=True, index=False)


class TypeCode(SQLModel, table=True):
    """A promo code that unlocks a hidden ticket type. Its uses are counted by orders."""

    __tablename__ = "type_code"
    __table_args__ = (Index("type_code_promo_code_id_idx", "promo_code_id"),)
    __privacy__ = of_others()

    ticket_type_id: UUID = foreign_key("ticket_type", primary_key=True, index=False)
    promo_code_id: UUID = foreign_key("promo_code", primary_key=True, index=False)


class TicketQuantity(Refusal):
    message = "Choose {least} to {most} of these tickets."
    meaning = "The quantity of a ticket type is not within its limits for one order."
    remedy = "Show the limits `minPerOrder` and `maxPerOrder` of the type."


class TicketNeeded(Refusal):
    message = "These tickets are sold together with others. Choose those too."
    meaning = (
        "An add-on is held by a user who has no ticket of the date, or more companion tickets than"
        " tickets that they accompany."
    )
    remedy = "Let the user choose tickets of the type `companionOf`, or of any for an add-on."


class CodeNeeded(Refusal):
    message = "These tickets need a code. Enter one that is valid for them."
    meaning = "A ticket type is sold with a code alone, and the code given does not unlock it."
    remedy = "Ask for a code, and call again with it."


class TicketsSoldOut(Refusal):
    """Fewer tickets are left than wanted. `waitlist_open` is whether users can wait for some."""

    message = "There are not enough tickets left. Choose fewer, or others."
    meaning = "The quotas of a ticket type have too little room, also after a second look."
    remedy = "Refetch what remains. If `waitlistOpen`, offer the waitlist."

    def __init__(self, *, waitlist_open: bool = False, field: list[str] | None = None) -> None:
        self.waitlist_open = waitlist_open
        super().__init__(field=field)


class TicketTypeLimitReached(Refusal):
    message = "An event can have at most {most} ticket types. Change one that it has."
    meaning = "The event has the maximum number of ticket types, with retired ones."
    remedy = "Let the user change a ticket type that is not sold any more."


class QuotaLimitReached(Refusal):
    message = "A date can have at most {most} quotas. Change one that it has."
    meaning = "The date has the maximum number of quotas."
    remedy = "Let the user change a quota."


class QuotaNameTaken(Refusal):
    message = "Another quota of this date has this name. Choose a different one."
    meaning = "The date has a quota with this name."
    remedy = "Show `message` next to the name."
    constraint = "ticket_quota_event_date_id_name_key"


class QuotaBelowTaken(Refusal):
    message = "More tickets of this quota are held or sold. Choose a higher number."
    meaning = "The capacity is lower than the number of tickets that are held or sold."
    remedy = "Refetch `taken`, and require at least that number."
    constraint = "ticket_quota_taken_check"
