"""A device, a notification and its failed delivery."""

from core.clock import now
from models.notifications.deliveries import Delivery, DeliveryState
from models.notifications.inbox import Channel
from tests.factories.world import World
from tests.hostile.canaries.base import ADMIN, CUSTOMER, Canaries


async def plant(world: World, canaries: Canaries) -> None:
    phone = await world.device(canaries.people["stranger"], "canary-of-the-phone")
    subject = canaries.vouchers[CUSTOMER].id
    notification = await world.notification(canaries.people[CUSTOMER], subject_id=subject)
    delivery = Delivery(
        notification_id=notification.id,
        channel=Channel.MAIL,
        state=DeliveryState.FAILED,
        completed_at=now(),
        error="Canary of the delivery",
    )
    await world.save(delivery)
    canaries.rows += [phone, notification, delivery]
    canaries.add(phone.token)
    canaries.add("Canary of the delivery", readers=[ADMIN], shown=False)
