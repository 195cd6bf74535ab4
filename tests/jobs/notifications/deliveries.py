"""Deliveries of notifications, and ways to make them due."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from sqlalchemy import text
from sqlmodel import col, select

from models.notifications.deliveries import Delivery
from models.notifications.inbox import Channel, Notification, NotificationKind
from models.notifications.preferences import NotificationPreference
from services import cleanup
from services.transaction import Transactions
from tests.client import Client, gid
from tests.factories.redemptions import Till
from tests.factories.world import World

HURRY = (
    "UPDATE delivery SET due_at = now() WHERE state = 'WAITING'",
    "UPDATE procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo'",
)


async def redeemed(world: World, api: Client, title: str = "Chai") -> Till:
    """Redeem a voucher, so that its owner will be notified, and return the till."""
    till = await Till.open(world, title={"en": title}, claimed=1)
    await till.redeem(api, token=(await till.voucher()).token)
    return till


async def notifications(world: World) -> Sequence[Notification]:
    async with world.database.session() as session:
        rows = select(Notification).order_by(col(Notification.created_at))
        return (await session.exec(rows)).all()


async def deliveries(world: World) -> Sequence[Delivery]:
    async with world.database.session() as session:
        return (await session.exec(select(Delivery).order_by(col(Delivery.created_at)))).all()


async def delivery(world: World) -> Delivery:
    """Return the only delivery."""
    (one,) = await deliveries(world)
    return one


async def hurry(world: World) -> None:
    """Make all waiting deliveries due."""
    async with world.database.session() as session, session.begin():
        for statement in HURRY:
            await session.execute(text(statement))


async def waiting_jobs(world: World) -> int:
    async with world.database.session() as session:
        return int(await session.scalar(text("SELECT count(*) FROM procrastinate_jobs")) or 0)


def mails(outbox: Path) -> list[Path]:
    return list(outbox.glob("*.eml"))


async def look(world: World, api: Client, till: Till) -> None:
    """Read all notifications as the customer."""
    (notification,) = await notifications(world)
    client = api.signed_in(till.customer)
    done = await client.do("markNotificationsRead", {"upTo": gid(notification)}, "unreadCount")
    assert done["unreadCount"] == 0


async def refuse_mail(world: World, till: Till) -> None:
    await world.save(
        NotificationPreference(
            user_id=till.customer.id,
            kind=NotificationKind.VOUCHER_REDEEMED,
            channel=Channel.MAIL,
            allowed=False,
        )
    )


async def choose(api: Client, till: Till, hours: tuple[datetime, datetime] | None) -> None:
    """Set the customer's quiet hours, or remove them."""
    given = hours and {
        "startsAt": f"{hours[0]:%H:%M}",
        "endsAt": f"{hours[1]:%H:%M}",
        "timeZone": "UTC",
    }
    client = api.signed_in(till.customer)
    assert await client.refusal_codes("updateNotificationPreferences", {"quietHours": given}) == []


async def clean_up(transactions: Transactions) -> None:
    for task in cleanup.find_tasks():
        async with transactions.begin() as session:
            await task(session, 7)
