"""Changes of the set-up of a vendor's bookings."""

import strawberry

from engine.types import column
from schema.bookings.setting_up.policies import CancellationPolicy
from schema.bookings.setting_up.resources import Resource
from schema.bookings.setting_up.schedules import Closure
from schema.bookings.setting_up.services import Service


@strawberry.type(
    description="A change of a service, a resource, a closure or a cancellation policy of a"
    " vendor. One of its objects is set, or `removedId`; none if there is only a newer cursor to"
    " resume from."
)
class BookingSetupChange:
    cursor: str = column("The cursor to resume after this change.")
    service: Service | None = strawberry.field(
        default=None,
        description="The service in its current state. Its needs, providers or questions may have"
        " changed as well.",
    )
    resource: Resource | None = strawberry.field(
        default=None,
        description="The staff, room or equipment in its current state. Its schedules, other days"
        " and services may have changed as well.",
    )
    closure: Closure | None = strawberry.field(
        default=None, description="The closure that was added."
    )
    policy: CancellationPolicy | None = strawberry.field(
        default=None, description="The cancellation policy in its current state."
    )
    removed_id: strawberry.ID | None = strawberry.field(
        default=None, description="The id of the closure or the cancellation policy that is gone."
    )
