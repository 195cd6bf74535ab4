"""A row in each table of events, and a second one without children where a rule needs it."""

from datetime import timedelta
from uuid import UUID

from sqlmodel import select

from core.clock import now
from core.ids import new_id
from core.security.sealed import HASH_BYTES
from models.events.changes import EventChange, EventChangeKind
from models.events.check_in.lists import CheckInGate, ScanOutcome, ScanReason
from models.events.check_in.scans import Scan, ScanLight, TicketPresence
from models.events.date_changes import DateChange, DateChangeKind, RefundChoice
from models.events.dates import EventDate
from models.events.events import EventState
from models.events.questions import AttendeeAnswer, EventQuestion
from models.events.seats.charts import ChartState, Seat
from models.events.seats.seat_maps import PlaceState, SeatPlace
from models.events.selling.desk_sales import DeskPayment, DeskSale
from models.events.selling.resale import ResaleListing
from models.events.selling.sale_queue import SaleQueue, SaleQueueEntry
from models.events.selling.waitlist import WaitlistEntry
from models.events.ticket_types import TypeCode
from models.events.tickets import Ticket, TicketTransfer, TransferTo
from models.pictures import EventPicture
from models.questions import QuestionKind
from tests.factories.events import tier
from tests.factories.redemptions import Till
from tests.factories.world import World


async def make(world: World, till: Till) -> None:
    vendor, user = till.vendor, till.customer
    venue = await world.venue(vendor, subdivision="Karnataka")
    await world.venue(vendor, archived_at=now())
    chart = await world.chart(venue, rows=1, seats=1)
    await world.chart(venue, rows=0, state=ChartState.DRAFT)
    event = await world.event(vendor)
    await world.event(vendor, state=EventState.DRAFT)
    date = await world.event_date(event, venue, chart_id=chart.id)
    await world.event_date(event, venue, starts_at=now() + timedelta(days=8))
    quota = await world.quota(date)
    early = tier("Early", 80_00, until=now())
    kind = await world.ticket_type(event, quota, tiers=[early])
    hold = await world.ticket_hold(user, date, kind, quota)
    seat = await world.first(Seat)
    ticket = await world.ticket(user, date, kind, quota, seat_id=seat.id)
    await _hold_seat(world, date.id, seat, hold.id)
    await _make_doors(world, till, date, ticket)
    question = EventQuestion(
        event_id=event.id, kind=QuestionKind.TEXT, locale="en", prompt={"en": "Diet?"}
    )
    queue = SaleQueue(
        event_id=event.id,
        prequeue_at=now(),
        opens_at=now() + timedelta(hours=1),
        seed=b"1" * 32,
        seed_hash=b"2" * 32,
    )
    code = await world.promo_code(vendor)
    photo = await world.picture(user)
    change = DateChange(
        event_date_id=date.id,
        kind=DateChangeKind.CANCELLED,
        refund=RefundChoice.ALL,
        revision=1,
        changed_by_id=user.id,
    )
    await world.save(
        change,
        DeskSale(
            event_date_id=date.id,
            hold_id=hold.id,
            sold_by_id=user.id,
            paid=DeskPayment.CASH,
            currency="INR",
            total=100_00,
        ),
        TypeCode(ticket_type_id=kind.id, promo_code_id=code.id),
        question,
        AttendeeAnswer(
            question_id=question.id,
            hold_id=hold.id,
            user_id=user.id,
            ticket_id=ticket.id,
            answer=b"sealed",
        ),
        EventPicture(event_id=event.id, upload_id=photo.id),
        WaitlistEntry(event_date_id=date.id, user_id=user.id, most=2),
        ResaleListing(
            event_date_id=date.id, ticket_id=ticket.id, user_id=user.id, price=ticket.price
        ),
        TicketTransfer(
            ticket_id=ticket.id,
            from_user_id=user.id,
            to_kind=TransferTo.EMAIL,
            address=b"sealed",
            address_lookup=b"1" * HASH_BYTES,
            secret_hash=b"1" * 32,
            generation=1,
            expires_at=now() + timedelta(days=7),
        ),
        queue,
        SaleQueueEntry(queue_id=queue.id, user_id=user.id, number=1),
        EventChange(event_date_id=date.id, kind=EventChangeKind.QUOTAS, ids=[quota.id]),
    )


async def _hold_seat(world: World, date_id: UUID, seat: Seat, hold_id: UUID) -> None:
    places = select(SeatPlace).where(
        SeatPlace.event_date_id == date_id, SeatPlace.seat_id == seat.id
    )
    async with world.database.session() as session:
        place = (await session.exec(places)).one()
    place.state, place.hold_id, place.expires_at = PlaceState.HELD, hold_id, now()
    await world.save(place)


async def _make_doors(world: World, till: Till, date: EventDate, ticket: Ticket) -> None:
    """Make a list with a gate, and a scan there. No scan is of the second gate."""
    door = await world.check_in_list(date)
    gate = CheckInGate(list_id=door.id, name="North")
    scanner = await world.scanner(till.vendor, till.scanner)
    scan = Scan(
        scanner_id=scanner.id,
        scan_id=new_id(),
        seq=1,
        list_id=door.id,
        gate_id=gate.id,
        member_id=till.scanner.id,
        ticket_id=ticket.id,
        generation=1,
        scanned_at=now(),
        received_at=now(),
        moment=now(),
        shown=ScanLight.GREEN,
        outcome=ScanOutcome.ADMITTED,
        reason=ScanReason.ADMITTED,
    )
    await world.save(
        gate,
        CheckInGate(list_id=door.id, name="Spare"),
        scan,
        TicketPresence(list_id=door.id, ticket_id=ticket.id, inside=True, entries=1),
    )
