"""Notifications about shipments. They name the order's number, and no person."""

from sqlmodel.ext.asyncio.session import AsyncSession

from core.errors import UserMessage
from models.identity.accounts import User
from models.notifications.inbox import Notification, NotificationKind
from models.orders.orders import Order, SubOrder
from models.shipments import Shipment
from services.notifications.kinds import Compose, DeclaredKind, NotificationText


def _about(title: UserMessage, own: UserMessage, sold: UserMessage | None = None) -> Compose:
    """Return the function that composes texts: `own` for the buyer, `sold` for the vendor."""
    of_buyer, of_vendor = own.template, (sold or own).template

    async def compose(
        session: AsyncSession, notification: Notification, user: User
    ) -> NotificationText:
        shipment = await session.get_one(Shipment, notification.subject_id)
        suborder = await session.get_one(SubOrder, shipment.suborder_id)
        order = await session.get_one(Order, suborder.order_id)
        template = of_buyer if order.user_id == user.id else of_vendor
        body = UserMessage(template, number=order.number)
        return NotificationText.of(title, body, [user.locale])

    return compose


KINDS = [
    DeclaredKind(
        NotificationKind.SHIPMENT_OUT_FOR_DELIVERY,
        "A shipment of an order of the user is in the vehicle that delivers it.",
        subject="Shipment",
        compose=_about(
            UserMessage("Your parcel arrives soon"),
            UserMessage("A parcel of your order {number} is out for delivery."),
        ),
    ),
    DeclaredKind(
        NotificationKind.SHIPMENT_RETURNED,
        "A shipment could not be delivered, and went back to the vendor. For the buyer, and for"
        " members who can change orders.",
        subject="Shipment",
        compose=_about(
            UserMessage("A parcel could not be delivered"),
            UserMessage(
                "A parcel of your order {number} could not be delivered, and went back to the"
                " seller. Open the order to write to the seller."
            ),
            UserMessage(
                "A parcel of the order {number} could not be delivered, and comes back to you."
                " Agree with the customer on what to do."
            ),
        ),
    ),
    DeclaredKind(
        NotificationKind.SHIPMENT_LOST,
        "A shipment was lost on its way. For the buyer, and for members who can change orders.",
        subject="Shipment",
        compose=_about(
            UserMessage("A parcel was lost"),
            UserMessage(
                "The carrier has lost a parcel of your order {number}. Open the order to write to"
                " the seller."
            ),
            UserMessage(
                "The carrier has lost a parcel of the order {number}. Refund it, or send it again."
            ),
        ),
    ),
]
