"""Waitlists in tests: joined, served, and what came of it."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlmodel import select

from models.events.selling.holds import HoldState, TicketHold
from models.events.selling.waitlist import WaitlistEntry, WaitlistState
from models.events.ticket_types import TicketType
from models.identity.accounts import User
from models.notifications.inbox import Notification
from services.events.holds.ending import end_holds
from services.events.waitlist.serving import serve_waitlist
from tests.client import gid
from tests.factories.world import World
from tests.resolvers.events.box_office import BoxOffice
from tests.resolvers.events.hall import Hall
from tests.resolvers.events.inputs import keyed


def join_input(scene: BoxOffice | Hall, *types: TicketType, **changes: Any) -> dict[str, Any]:
    accepted = [gid(one) for one in types]
    return keyed(eventDateId=gid(scene.date), ticketTypeIds=accepted, most=2) | changes


async def serve(world: World, scene: BoxOffice | Hall) -> None:
    async with world.database.session() as session, session.begin():
        session.info["notify_after"] = timedelta()
        assert not await serve_waitlist(session, scene.date.id)


async def holds_of(world: World, entry: WaitlistEntry) -> Sequence[TicketHold]:
    rows = select(TicketHold).where(TicketHold.entry_id == entry.id)
    async with world.database.session() as session:
        return (await session.exec(rows.order_by(TicketHold.created_at))).all()  # type: ignore[arg-type]


async def end(world: World, hold: TicketHold, state: HoldState = HoldState.EXPIRED) -> None:
    async with world.database.session() as session, session.begin():
        await end_holds(session, [await session.get_one(TicketHold, hold.id)], state)


async def state_of(world: World, entry: WaitlistEntry) -> WaitlistState:
    fresh: WaitlistEntry = await world.fresh(entry)
    return fresh.state


async def notices_of(world: World, user: User) -> Sequence[Notification]:
    async with world.database.session() as session:
        return (await session.exec(select(Notification).filter_by(user_id=user.id))).all()
