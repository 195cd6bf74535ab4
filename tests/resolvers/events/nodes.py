"""Rows of an event that is a draft, and a customer's hold of it."""

from sqlmodel import SQLModel

from core.clock import now
from core.ids import new_id
from models.events.check_in.lists import CheckInGate, ScanOutcome, ScanReason
from models.events.check_in.scans import Scan, ScanLight
from models.events.dates import EventDate
from models.events.events import EventState
from models.events.questions import EventQuestion
from models.events.seats.charts import ChartState, PriceCategory
from models.events.selling.desk_sales import DeskPayment, DeskSale
from models.questions import QuestionKind
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
    "EventQuestion": MEMBERS,
    "Ticket": MEMBERS | {CUSTOMER},
    "TicketTransfer": {ADMIN, CUSTOMER},
    "CheckInList": MEMBERS,
    "CheckInGate": MEMBERS,
    "Scan": MEMBERS,
    "Scanner": MEMBERS,
    "SaleQueue": MEMBERS,
    "WaitlistEntry": MEMBERS | {CUSTOMER},
    "DeskSale": MEMBERS,
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
    hold = await world.ticket_hold(scene.customer, date, kind, quota)
    sale = DeskSale(
        event_date_id=date.id,
        hold_id=hold.id,
        sold_by_id=scene.customer.id,
        paid=DeskPayment.CASH,
        currency="INR",
        total=100_00,
    )
    question = EventQuestion(
        event_id=event.id, kind=QuestionKind.TEXT, locale="en", prompt={"en": "Diet?"}
    )
    await world.save(sale, question)
    return {
        "EventQuestion": question,
        "Ticket": ticket,
        "TicketTransfer": transfer,
        "DeskSale": sale,
        "Chart": chart,
        "PriceCategory": await world.first(PriceCategory),
        "Venue": venue,
        "Event": event,
        "EventDate": date,
        "TicketType": kind,
        "TicketQuota": quota,
        **await _make_door(scene, date),
        "SaleQueue": await world.sale_queue(event),
        "WaitlistEntry": await world.waitlist_entry(scene.customer, date),
        "TicketHold": hold,
    }


async def _make_door(scene: Scene, date: EventDate) -> dict[str, SQLModel]:
    """Make a check-in list with a gate, a scanner, and a scan of no ticket."""
    door = await scene.world.check_in_list(date)
    gate = CheckInGate(list_id=door.id, name="North")
    scanner = await scene.world.scanner(scene.vendor, scene.owner)
    scan = Scan(
        scanner_id=scanner.id,
        scan_id=new_id(),
        seq=1,
        list_id=door.id,
        member_id=scene.owner.id,
        scanned_at=now(),
        received_at=now(),
        moment=now(),
        shown=ScanLight.RED,
        outcome=ScanOutcome.REFUSED,
        reason=ScanReason.UNKNOWN,
    )
    await scene.world.save(gate, scan)
    return {"CheckInList": door, "CheckInGate": gate, "Scanner": scanner, "Scan": scan}
