"""Rows of an event that is a draft, and a customer's hold of it."""

from sqlmodel import SQLModel

from models.events.charts import ChartState, PriceCategory
from models.events.events import EventState
from tests.resolvers.scene import ADMIN, CUSTOMER, OWNER, Scene

MEMBERS = {OWNER, ADMIN}
SEEN_BY = {
    "Chart": MEMBERS,
    "PriceCategory": MEMBERS,
    "Venue": MEMBERS,
    "Event": MEMBERS,
    "EventDate": MEMBERS,
    "TicketType": MEMBERS,
    "TicketQuota": MEMBERS,
    "TicketHold": MEMBERS | {CUSTOMER},
    "Ticket": MEMBERS | {CUSTOMER},
    "TicketTransfer": {ADMIN, CUSTOMER},
}


async def make(scene: Scene) -> dict[str, SQLModel]:
    world = scene.world
    venue = await world.venue(scene.vendor)
    event = await world.event(scene.vendor, state=EventState.DRAFT)
    date = await world.event_date(event, venue)
    quota = await world.quota(date)
    kind = await world.ticket_type(event, quota)
    chart = await world.chart(venue, rows=1, state=ChartState.DRAFT)
    ticket = await world.ticket(scene.customer, date, kind, quota)
    transfer = await world.ticket_transfer(ticket, await world.user())
    return {
        "Ticket": ticket,
        "TicketTransfer": transfer,
        "Chart": chart,
        "PriceCategory": await world.first(PriceCategory),
        "Venue": venue,
        "Event": event,
        "EventDate": date,
        "TicketType": kind,
        "TicketQuota": quota,
        "TicketHold": await world.ticket_hold(scene.customer, date, kind, quota),
    }
