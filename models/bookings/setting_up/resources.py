"""Resources of a vendor that a booking takes: staff, rooms and equipment."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from models.base import DEFERRED, Row, enum_column, optional_foreign_key
from models.errors import Refusal
from models.personal_data import blank_values
from models.text import OneLine, one_line_constraint

MAX_RESOURCES = 200  # of a vendor, without retired ones
MAX_LANES = 20
MAX_WEIGHT = 1_000
ResourceName = Annotated[str, OneLine(80, web_addresses=False)]


class ResourceKind(StrEnum):
    STAFF = "STAFF"
    ROOM = "ROOM"
    EQUIPMENT = "EQUIPMENT"


class ResourceState(StrEnum):
    """`ACTIVE ⇄ RETIRED`. A RETIRED one takes no new bookings; those to come stay."""

    ACTIVE = "ACTIVE"
    RETIRED = "RETIRED"


class Resource(Row, table=True):
    """A member of staff, a room or a piece of equipment, used by `lanes` visits at a time.

    Times of its schedules are wall times in its time zone. `weight` is its part of the bookings
    whose customers do not choose. `member_id` is the user whose agenda it is.
    """

    __table_args__ = (
        UniqueConstraint("id", "vendor_id"),
        one_line_constraint("name"),
        CheckConstraint(f"lanes BETWEEN 1 AND {MAX_LANES}", name="lanes"),
        CheckConstraint(f"weight BETWEEN 0 AND {MAX_WEIGHT}", name="weight"),
        CheckConstraint("position BETWEEN 0 AND 999", name="position"),
        CheckConstraint("member_id IS NULL OR kind = 'STAFF'", name="member_id"),
        ForeignKeyConstraint(["vendor_id"], ["vendor.id"], **DEFERRED),
        Index("resource_vendor_id_idx", "vendor_id", "position", "id"),
        Index(
            "resource_member_key",
            "vendor_id",
            "member_id",
            unique=True,
            postgresql_where=text("member_id IS NOT NULL"),
        ),
        Index("resource_member_id_idx", "member_id"),
    )
    __privacy__ = blank_values(
        of="member_id",
        personal="name",
        none="position lanes time_zone weight",
        blank={"name": "'-'"},
    )

    vendor_id: UUID
    kind: ResourceKind = enum_column(ResourceKind)
    state: ResourceState = enum_column(ResourceState, default=ResourceState.ACTIVE)
    position: int = 0
    name: ResourceName = Field(max_length=80)
    lanes: int = 1
    member_id: UUID | None = optional_foreign_key("user", index=False)
    time_zone: str = Field(max_length=64)
    weight: int = 100

    @property
    def active(self) -> bool:
        return self.state is ResourceState.ACTIVE


class ResourceLimitReached(Refusal):
    message = "A business can have at most {most} staff, rooms and equipment. Retire some first."
    meaning = "The vendor has the maximum number of resources that are not retired."
    remedy = "Let the user retire resources that are not used any more."


class MemberHasResource(Refusal):
    message = "This member has an agenda already. Change that one."
    meaning = "Another resource of the vendor has the member."
    remedy = "Let the user change that resource, or choose another member."
    constraint = "resource_member_key"
