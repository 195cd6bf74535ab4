"""What became of notifications, and a way to let their time come."""

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import text
from sqlmodel import col, select

from models.notification_deliveries import Delivery
from models.notifications import Notification
from tests.client import Client
from tests.factories.till import Till
from tests.factories.world import World

HURRY = (
    "UPDATE delivery SET due_at = now() WHERE state = 'WAITING'",
    "UPDATE procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo'",
)


async def redeemed(world: World, api: Client, title: str = "Chai") -> Till:
    """A till at which a voucher was redeemed just now, so that its owner is to be told."""
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
    """The one there is."""
    (one,) = await deliveries(world)
    return one


async def hurry(world: World) -> None:
    """Whatever waits for its time has waited long enough."""
    async with world.database.session() as session, session.begin():
        for statement in HURRY:
            await session.execute(text(statement))


async def waiting_jobs(world: World) -> int:
    async with world.database.session() as session:
        return int(await session.scalar(text("SELECT count(*) FROM procrastinate_jobs")) or 0)


def mails(outbox: Path) -> list[Path]:
    return list(outbox.glob("*.eml"))
