"""Stored bookings, read and changed beside the API."""

from datetime import timedelta

from sqlmodel import col, select

from core.clock import now
from models.bookings.bookings import Booking
from models.bookings.claims import Claim
from models.notifications.inbox import Notification
from tests.client import gid
from tests.factories.world import World


async def expire(world: World, booking: Booking) -> None:
    fresh = await world.fresh(booking)
    fresh.expires_at = now() - timedelta(seconds=3)
    async with world.database.session() as session:
        claims = (await session.exec(select(Claim).where(Claim.booking_id == booking.id))).all()
    for claim in claims:
        claim.expires_at = fresh.expires_at
    await world.save(fresh, *claims)


async def row_of(world: World, payload: dict[str, dict[str, str]]) -> Booking:
    async with world.database.session() as session:
        rows = (await session.exec(select(Booking))).all()
    (row,) = [one for one in rows if gid(one) == payload["booking"]["id"]]
    return row


async def kinds(world: World) -> list[str]:
    async with world.database.session() as session:
        found = (
            await session.exec(select(Notification).order_by(col(Notification.created_at)))
        ).all()
    return [one.kind.value for one in found]
