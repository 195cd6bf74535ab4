"""A notification of the customer, its delivery, and a device."""

from sqlmodel import SQLModel

from models.notifications.deliveries import Delivery
from models.notifications.inbox import Channel
from tests.resolvers.scene import ADMIN, CUSTOMER, Scene

SEEN_BY = {
    "Notification": {CUSTOMER, ADMIN},
    "Device": {CUSTOMER, ADMIN},
    "Delivery": {ADMIN},
}


async def make(scene: Scene) -> dict[str, SQLModel]:
    notification = await scene.world.notification(scene.customer)
    delivery = Delivery(notification_id=notification.id, channel=Channel.MAIL)
    await scene.world.save(delivery)
    device = await scene.world.device(scene.customer)
    return {"Notification": notification, "Device": device, "Delivery": delivery}
