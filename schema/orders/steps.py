"""The timeline of orders."""

from datetime import datetime

import strawberry

from dataloaders.identity import visible_user
from dataloaders.orders import suborder_by_id
from engine.enums import publish
from engine.types import Rows, column, related
from models.orders import timeline as rows
from models.orders.timeline import OrderActor, OrderStepKind
from schema.lazy import LazySubOrder, LazyUser

publish(
    OrderStepKind,
    "A step of an order.",
    PLACED="The order was placed.",
    PAID="The money has come.",
    CONFIRMED="The vendors got their parts.",
    EXPIRED="It was not paid in time.",
    ACCEPTED="A vendor has accepted its part.",
    REJECTED="A vendor has cancelled units of its part.",
    CANCELLED="The buyer has cancelled, or units of a part.",
    SHIPPED="Units of a part were shipped.",
    DELIVERED="A part was delivered.",
    RETURN_REQUESTED="The buyer wants to return units.",
    RETURNED="Units came back.",
    REFUND_GRANTED="A refund was granted.",
    REFUND_SETTLED="The money of a refund was sent.",
    REFUND_FAILED="The money of a refund did not arrive. It goes another way.",
    DISPUTED="The buyer's bank disputes the payment.",
    DISPUTE_WON="The bank has decided a dispute for the vendor.",
    DISPUTE_LOST="The bank has decided a dispute for the buyer, who has the money back.",
    RELEASED="A part can no longer be returned.",
    COMPLETED="All parts have ended.",
)

publish(
    OrderActor,
    "The side that took a step of an order.",
    BUYER="The buyer.",
    VENDOR="A member of the vendor.",
    PLATFORM="An admin, or a rule of the platform.",
    CARRIER="The carrier.",
)


@strawberry.type(
    description="A step of an order, kept for good. Visible to the buyer and to admins, and those"
    " of a vendor's part to its members with the STAFF role or higher."
)
class OrderStep(Rows[rows.OrderStep]):
    kind: OrderStepKind = column("The step.")
    actor: OrderActor = column("The side that took it.")
    note: str | None = column("The reason that was given. Null without one.")
    at: datetime = column("The time of the step.", of="created_at")
    suborder: LazySubOrder | None = related(
        suborder_by_id,
        by="suborder_id",
        description="The vendor's part. Null if it is about the whole order.",
    )
    by: LazyUser | None = related(
        visible_user,
        by="user_id",
        description="The user who took it. Null for rules, and if the viewer can't see this user.",
    )
