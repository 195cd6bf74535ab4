"""The demo data has events of each kind, with tickets in each state."""

from collections import Counter
from collections.abc import AsyncIterator

import pytest
from sqlmodel import SQLModel, col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import Database
from core.security.sealed import Sealer
from core.security.signing_keys import SigningKeys
from core.settings import Settings
from demo.identity.accounts import CUSTOMER
from models.events.check_in.lists import ScanOutcome
from models.events.check_in.scans import Scan, TicketPresence
from models.events.dates import EventDate, EventDateState
from models.events.events import Event
from models.events.questions import AttendeeAnswer, EventQuestion, QuestionScope
from models.events.selling.holds import LIVE, TicketHold
from models.events.selling.resale import ResaleListing, ResaleState
from models.events.selling.sale_queue import SaleQueue, SaleQueueState
from models.events.selling.waitlist import WaitlistEntry, WaitlistState
from models.events.ticket_types import TicketQuota, TicketType, TicketTypeKind
from models.events.tickets import Ticket, TicketState, TicketTransfer, TransferState
from models.identity.accounts import User
from models.pictures import EventPicture
from models.questions import QuestionKind
from services.events.search import listed_events
from services.identity.addresses.sealed_addresses import has_email, lookup_email
from tests import servers


@pytest.fixture
async def session(demo_data: str) -> AsyncIterator[AsyncSession]:
    database = Database(Settings(database_url=servers.url_of(demo_data)).sqlalchemy_url)
    async with database.session() as session:
        yield session
    await database.close()


async def count(session: AsyncSession, table: type[SQLModel], *conditions: object) -> int:
    rows = select(func.count()).select_from(table).where(*conditions)  # type: ignore[arg-type]
    return (await session.exec(rows)).one()


async def test_events_are_listed_in_two_countries_with_their_figures(session: AsyncSession) -> None:
    events = (await session.exec(listed_events())).all()
    assert {event.country for event in events} == {"IN", "DE"}
    assert all(event.min_price for event in events)
    assert all(event.locale in event.title for event in events)
    sold = select(EventDate.stat_sold, EventDate.stat_revenue).where(EventDate.stat_sold > 0)
    assert all(revenue for _, revenue in (await session.exec(sold)).all())


async def test_dates_are_past_on_sale_sold_out_and_cancelled(session: AsyncSession) -> None:
    states = (await session.exec(select(EventDate.state))).all()
    assert set(states) == set(EventDateState) - {EventDateState.POSTPONED}
    full = TicketQuota.waitlist_first, TicketQuota.taken == TicketQuota.capacity
    quota = (await session.exec(select(TicketQuota).where(*full))).one()
    waits = WaitlistEntry.event_date_id == quota.event_date_id
    states = (await session.exec(select(WaitlistEntry.state).where(waits))).all()
    assert set(states) == {WaitlistState.WAITING}
    assert await count(session, EventDate, col(EventDate.chart_id).is_not(None)) > 1
    assert await count(session, SaleQueue, SaleQueue.state == SaleQueueState.OPEN) == 1
    kinds = (await session.exec(select(TicketType.kind))).all()
    assert set(kinds) == set(TicketTypeKind)
    assert await count(session, TicketType, TicketType.needs_code) == 1
    assert await count(session, TicketType, col(TicketType.companion_of_id).is_not(None)) == 2


async def test_each_event_has_pictures_and_questions_are_answered(session: AsyncSession) -> None:
    events = (await session.exec(select(Event.id))).all()
    assert set((await session.exec(select(EventPicture.event_id))).all()) == set(events)
    questions = (await session.exec(select(EventQuestion))).all()
    assert {one.scope for one in questions} == set(QuestionScope)
    assert {one.kind for one in questions} >= {QuestionKind.CHOICE, QuestionKind.YES_NO}
    assert await count(session, AttendeeAnswer, col(AttendeeAnswer.hold_id).is_(None)) > 20


async def test_nothing_is_held_and_some_hundred_tickets_are_sold(session: AsyncSession) -> None:
    assert await count(session, TicketHold, col(TicketHold.state).in_(LIVE)) == 0
    assert 200 < await count(session, Ticket) < 600
    assert await count(session, Event) < 10


async def test_the_demo_customer_has_tickets_in_each_state(
    session: AsyncSession, keys: SigningKeys
) -> None:
    person = has_email(User, lookup_email(Sealer(keys), CUSTOMER.email))
    customer = (await session.exec(select(User.id).where(person))).one()
    tickets = (await session.exec(select(Ticket).where(Ticket.holder_id == customer))).all()
    used = select(TicketPresence.ticket_id).where(
        col(TicketPresence.ticket_id).in_([ticket.id for ticket in tickets])
    )
    assert len((await session.exec(used)).all()) == 1
    ordered = [one for one in tickets if one.order_line_id]
    assert len([one for one in ordered if one.seat_id]) == 2
    kinds = select(TicketType.kind).where(
        col(TicketType.id).in_([one.ticket_type_id for one in ordered])
    )
    assert TicketTypeKind.DONATION in (await session.exec(kinds)).all()
    listings = select(ResaleListing.state).where(ResaleListing.user_id == customer)
    states = (await session.exec(listings)).all()
    assert sorted(states) == [ResaleState.LISTED, ResaleState.WITHDRAWN]
    answered = select(AttendeeAnswer).where(AttendeeAnswer.user_id == customer)
    answers = [one.open_value(Sealer(keys)) for one in await session.exec(answered)]
    assert len(answers) == 4
    assert {ticket.state for ticket in tickets} == {TicketState.VALID}
    rows = select(TicketTransfer.state, TicketTransfer.from_user_id == customer)
    assert set((await session.exec(rows)).all()) == {
        (TransferState.ACCEPTED, True),
        (TransferState.PENDING, False),
    }


async def test_visitors_were_scanned_at_several_gates(session: AsyncSession) -> None:
    scans = (await session.exec(select(Scan.outcome, Scan.gate_id))).all()
    outcomes = Counter(outcome for outcome, _ in scans)
    assert outcomes[ScanOutcome.ADMITTED] > 100
    assert set(outcomes) >= {ScanOutcome.DUPLICATE, ScanOutcome.LEFT}
    assert len({gate_id for _, gate_id in scans}) > 3
