"""Services: what a vendor does by appointment or as a class, and the rules of its times."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel, String

from models.base import (
    DEFERRED,
    LONG,
    UNREAD,
    Row,
    enum_column,
    foreign_key,
    json,
    open_enum_column,
)
from models.bookings.setting_up.resources import ResourceKind
from models.catalog.products import TaxClass
from models.errors import InvalidInput, Refusal
from models.personal_data import of_others
from models.search import terms_index
from models.text import OneLine, Paragraphs

MAX_SERVICES = 500  # of a vendor, without archived ones
MIN_DURATION, MAX_DURATION = 5, 720  # minutes
MAX_BUFFER = 120  # minutes
MIN_STEP, MAX_STEP = 5, 240  # minutes
MAX_NOTICE = 43_200  # minutes
MAX_HORIZON = 365  # days
MAX_SEATS = 200
MAX_OPEN = 10  # bookings of a user
MAX_PER_DAY = 500
MAX_SERVICE_PRICE = 10**12  # minor units
MAX_SPECIES = 20
MAX_NEEDED = 3  # resources of a kind
ServiceName = Annotated[str, OneLine(120)]
ServiceText = Annotated[str, Paragraphs(4_000)]


class ServiceState(StrEnum):
    """`DRAFT → ACTIVE ⇄ PAUSED → ARCHIVED`. Only an ACTIVE one can be booked."""

    DRAFT = "DRAFT"
    ACTIVE = "ACTIVE"
    PAUSED = "PAUSED"
    ARCHIVED = "ARCHIVED"

    def ensure_can_become(self, state: "ServiceState") -> None:
        if state not in TRANSITIONS[self]:
            raise InvalidServiceState(
                "A service that is {state} cannot become {wanted}.", state=self, wanted=state
            )


TRANSITIONS = {
    ServiceState.DRAFT: {ServiceState.ACTIVE, ServiceState.ARCHIVED},
    ServiceState.ACTIVE: {ServiceState.PAUSED, ServiceState.ARCHIVED},
    ServiceState.PAUSED: {ServiceState.ACTIVE, ServiceState.ARCHIVED},
    ServiceState.ARCHIVED: {ServiceState.PAUSED},
}


class SlotAnchor(StrEnum):
    """The origin of starts: the OPENING of the staff's hours, or the full hour (CLOCK)."""

    OPENING = "OPENING"
    CLOCK = "CLOCK"


class StaffChoice(StrEnum):
    """Whether customers choose who does it: ANY staff, ASK for the choice, or HIDDEN names."""

    ANY = "ANY"
    ASK = "ASK"
    HIDDEN = "HIDDEN"


class Service(Row, table=True):
    """A thing that a vendor does for one customer at a time, or for a class of `seats`.

    Starts are `step` minutes apart. Before and after each visit its resources are kept for the
    buffers. `notice` is the least time between booking and start, `horizon` the days ahead that can
    be booked. A customer has at most `per_user_open` bookings to come, and the vendor takes at most
    `per_day` on a local day. `deposit` is paid online and the rest at the visit; with `pay_at_desk`
    nothing is paid online.
    """

    __table_args__ = (
        UniqueConstraint("id", "vendor_id"),
        ForeignKeyConstraint(
            ["vendor_id", "currency"], ["vendor.id", "vendor.currency"], **DEFERRED
        ),
        ForeignKeyConstraint(
            ["policy_id", "vendor_id"],
            ["cancellation_policy.id", "cancellation_policy.vendor_id"],
            **DEFERRED,
        ),
        CheckConstraint(f"duration BETWEEN {MIN_DURATION} AND {MAX_DURATION}", name="duration"),
        CheckConstraint(f"buffer_before BETWEEN 0 AND {MAX_BUFFER}", name="buffer_before"),
        CheckConstraint(f"buffer_after BETWEEN 0 AND {MAX_BUFFER}", name="buffer_after"),
        CheckConstraint(f"step BETWEEN {MIN_STEP} AND {MAX_STEP}", name="step"),
        CheckConstraint(f"notice BETWEEN 0 AND {MAX_NOTICE}", name="notice"),
        CheckConstraint(f"horizon BETWEEN 1 AND {MAX_HORIZON}", name="horizon"),
        CheckConstraint(f"seats BETWEEN 1 AND {MAX_SEATS}", name="seats"),
        CheckConstraint(f"per_user_open BETWEEN 1 AND {MAX_OPEN}", name="per_user_open"),
        CheckConstraint(f"per_day BETWEEN 1 AND {MAX_PER_DAY}", name="per_day"),
        CheckConstraint(f"price BETWEEN 0 AND {MAX_SERVICE_PRICE}", name="price"),
        CheckConstraint("deposit BETWEEN 0 AND price", name="deposit"),
        CheckConstraint("position BETWEEN 0 AND 999", name="position"),
        CheckConstraint(
            f"cardinality(species) <= {MAX_SPECIES} AND (needs_pet OR cardinality(species) = 0)",
            name="species",
        ),
        CheckConstraint("hsn_code ~ '^[0-9]{4,8}$'", name="hsn_code"),
        terms_index("service"),
        Index("service_vendor_id_idx", "vendor_id", "position", "id"),
        Index("service_policy_id_idx", "policy_id"),
    )
    __privacy__ = of_others(
        none=(
            "position locale name description currency duration buffer_before buffer_after step"
            " notice horizon seats per_user_open per_day price deposit species hsn_code search_text"
        )
    )

    vendor_id: UUID
    state: ServiceState = enum_column(ServiceState, default=ServiceState.DRAFT)
    position: int = 0
    locale: str = Field(max_length=16)
    name: dict[str, ServiceName] = json()
    description: dict[str, ServiceText] = json(
        default_factory=dict, sa_column_kwargs={"info": LONG}
    )
    currency: str = Field(max_length=3)
    duration: int
    buffer_before: int = 0
    buffer_after: int = 0
    step: int = 15
    anchor: SlotAnchor = enum_column(SlotAnchor, default=SlotAnchor.OPENING)
    notice: int = 60
    horizon: int = 90
    seats: int = 1
    staff_choice: StaffChoice = enum_column(StaffChoice, default=StaffChoice.ANY)
    needs_approval: bool = False
    moves_without_approval: bool = False  # by customers, of what was approved
    needs_pet: bool = False
    species: list[str] = Field(
        default_factory=list, sa_type=ARRAY(String(40)), sa_column_kwargs={"server_default": "{}"}
    )
    per_user_open: int = 5
    per_day: int | None = None
    price: int = Field(sa_type=BigInteger)
    deposit: int = Field(default=0, sa_type=BigInteger)
    pay_at_desk: bool = False
    policy_id: UUID | None = None
    tax_class: TaxClass = open_enum_column(TaxClass, default=TaxClass.STANDARD)
    hsn_code: str | None = Field(default=None, max_length=8)
    search_text: str = Field(default="", sa_column_kwargs={"info": UNREAD})

    @property
    def is_class(self) -> bool:
        return self.seats > 1

    @property
    def due_online(self) -> int:
        """Return what is paid online before the visit, in minor units: 0 confirms at once."""
        return self.due_online_of(self.price)

    @property
    def binds_moves(self) -> bool:
        """Return whether customers cannot move a booking that the vendor has approved."""
        return self.needs_approval and not self.moves_without_approval

    def due_online_of(self, price: int, *, unreliable: bool = False) -> int:
        """Return what is paid online of a price, which staff can have of their own.

        Customers who are `unreliable`, as they did not come before, cannot pay at the desk.
        """
        if self.pay_at_desk and not unreliable:
            return 0
        return min(self.deposit or price, price)

    @property
    def blocked_minutes(self) -> int:
        """Return the minutes for which a visit keeps its resources."""
        return self.buffer_before + self.duration + self.buffer_after

    def ensure_bookable(self) -> None:
        if self.state is not ServiceState.ACTIVE:
            raise InvalidServiceState(
                "A service that is {state} cannot be booked.", state=self.state
            )

    def ensure_choosable(self, staff_id: UUID | None) -> None:
        """Raise `InvalidInput` for a customer who chooses staff that the service hides."""
        if staff_id is not None and self.staff_choice is StaffChoice.HIDDEN:
            raise InvalidInput("The staff of this service cannot be chosen.", field=["staffId"])


class ServiceNeed(SQLModel, table=True):
    """The number of resources of a kind that a service takes at once."""

    __tablename__ = "service_need"
    __table_args__ = (CheckConstraint(f"count BETWEEN 1 AND {MAX_NEEDED}", name="count"),)
    __privacy__ = of_others(none="count")

    service_id: UUID = foreign_key("service", primary_key=True, index=False)
    kind: ResourceKind = enum_column(ResourceKind, primary_key=True)
    count: int = 1


class ServiceResource(SQLModel, table=True):
    """A resource that can do a service, or be used for it, with its own time and price."""

    __tablename__ = "service_resource"
    __table_args__ = (
        CheckConstraint(f"duration BETWEEN {MIN_DURATION} AND {MAX_DURATION}", name="duration"),
        CheckConstraint(f"price BETWEEN 0 AND {MAX_SERVICE_PRICE}", name="price"),
        Index("service_resource_resource_id_idx", "resource_id"),
    )
    __privacy__ = of_others(none="duration price")

    service_id: UUID = foreign_key("service", primary_key=True, index=False)
    resource_id: UUID = foreign_key("resource", primary_key=True, index=False)
    duration: int | None = None  # minutes, in place of the service's
    price: int | None = Field(default=None, sa_type=BigInteger)


@dataclass(frozen=True, kw_only=True)
class ServiceProvider:
    """A resource that does a service, with its time and price where they differ."""

    resource_id: UUID
    own_duration: int | None
    own_price: int | None
    usual_duration: int
    usual_price: int
    currency: str

    @property
    def duration(self) -> int:
        return self.usual_duration if self.own_duration is None else self.own_duration

    @property
    def price(self) -> int:
        return self.usual_price if self.own_price is None else self.own_price


class InvalidServiceState(Refusal):
    code = "SERVICE_STATE"
    message = "The service's state does not allow this. Reload the service."
    meaning = "The state of the service does not allow this."
    remedy = "Refetch the service, and offer what its state allows."


class ServiceIncomplete(Refusal):
    message = "Add what the service needs, and enough staff, rooms or equipment that do it."
    meaning = "The service needs nothing, or too few of its resources of a kind are ACTIVE."
    remedy = "Let the user set `needs` and `providers` with `saveService`, then publish it again."


class ServiceLimitReached(Refusal):
    message = "A business can have at most {most} services. Archive some first."
    meaning = "The vendor has the maximum number of services that are not archived."
    remedy = "Let the user archive services that are not offered any more."
