"""Enums of the domain `bookings` in the GraphQL schema."""

from engine.enums import publish
from models.bookings.claims import BlockSource
from models.bookings.resources import ResourceKind, ResourceState
from models.bookings.services import ServiceState, SlotAnchor, StaffChoice

__all__ = [
    "BlockSource",
    "ResourceKind",
    "ResourceState",
    "ServiceState",
    "SlotAnchor",
    "StaffChoice",
]

publish(
    ServiceState,
    "The state of a service.",
    DRAFT="It is being prepared. Only members of the vendor see it.",
    ACTIVE="It is listed, and can be booked.",
    PAUSED="It can be seen, but is not listed and cannot be booked for now.",
    ARCHIVED="It is not offered any more. Bookings to come stay.",
)
publish(
    SlotAnchor,
    "The origin from which the starts of a service are counted.",
    OPENING="The start of each span in which the staff works: 9:10, 9:40 … if it opens at 9:10.",
    CLOCK="The full hour.",
)
publish(
    StaffChoice,
    "Whether customers choose who does a service.",
    ANY="They can choose. Without a choice, the vendor's staff share the bookings.",
    ASK="They are asked to choose.",
    HIDDEN="They cannot choose, and do not learn the names of the staff.",
)
publish(
    ResourceKind,
    "The kind of a resource.",
    STAFF="A person.",
    ROOM="A room.",
    EQUIPMENT="A machine or the like.",
)
publish(
    ResourceState,
    "The state of a resource.",
    ACTIVE="It takes bookings.",
    RETIRED="It takes no new bookings. Those to come stay.",
)
publish(
    BlockSource,
    "The source of a blocked time.",
    TIME_OFF="A member entered it.",
    BUSY_FEED="It comes from a calendar elsewhere.",
)
