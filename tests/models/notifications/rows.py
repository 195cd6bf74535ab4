"""One row in each table of notifications."""

from datetime import time

from models.notifications.deliveries import Delivery
from models.notifications.inbox import Channel, NotificationKind
from models.notifications.preferences import NotificationPreference, QuietHours
from tests.factories.redemptions import Till
from tests.factories.world import World


async def make(world: World, till: Till) -> None:
    device = await world.device(till.customer)
    notification = await world.notification(till.customer)
    kind, channel = NotificationKind.VOUCHER_REDEEMED, Channel.PUSH
    await world.save(
        Delivery(notification_id=notification.id, channel=channel, device_id=device.id),
        NotificationPreference(user_id=till.customer.id, kind=kind, channel=channel, allowed=False),
        QuietHours(user_id=till.customer.id, starts_at=time(22), ends_at=time(7), time_zone="UTC"),
    )
