"""Seeds a weekly class of the café: held, sold out with a waitlist, cancelled, and on sale."""

from datetime import timedelta

from demo.cities import HOME_CITY
from demo.dataset import Dataset, DemoVendor
from demo.events.box_office import sell, sell_some
from demo.events.doors import DemoDoor
from demo.events.programme import DemoDate, Programme, add_event
from demo.events.questions import add_question, answer_at_desk
from demo.identity.accounts import OWNER
from demo.rng import SeededRandom
from models.events.check_in.scanners import Scanner
from models.events.date_changes import DateChange, DateChangeKind, RefundChoice
from models.events.dates import EventDateState
from models.events.events import ResalePolicy
from models.events.questions import QuestionScope
from models.events.selling.waitlist import WaitlistEntry
from models.events.ticket_types import TicketTypeKind
from models.events.tickets import TicketState
from models.questions import AnswerValue, QuestionKind

SEATS, MINUTES = 12, 90
HELD, SOLD_OUT, CANCELLED, ON_SALE = (-16, -9, -2), 5, 12, (19, 26)  # in days from today
ORDERED = 2  # of the places that are sold out: the demo customer's
SOLD = {-16: 11, -9: 12, -2: 9, SOLD_OUT: SEATS - ORDERED, CANCELLED: 4, 19: 3, 26: 0}
WAITING = (2, 2, 3, 4)  # tickets that each waits for: more than the one that is resold
NEIGHBOURS = 100  # gifts for a date
MILK = ("cow", "oat", "black")
ANSWERED = 0.7  # of the places that are sold at the desk


def seed_classes(
    rng: SeededRandom, dataset: Dataset, cafe: DemoVendor, scanner: Scanner
) -> Programme:
    coffee = add_event(
        rng,
        dataset,
        cafe,
        "class",
        "learning/",
        refund_hours=24,
        resale=ResalePolicy.FACE_VALUE,
    )
    place = coffee.add_type("place", 850)
    coffee.add_type("pair", 1_500, admits=2, max_per_order=2)
    coffee.add_type("child", 350, companion_of_id=place.id)
    coffee.add_type("neighbour", 50, kind=TicketTypeKind.DONATION)
    add_question(coffee, "milk", QuestionKind.CHOICE, "place", choices=MILK, required=True)
    add_question(coffee, "brewer", QuestionKind.TEXT, scope=QuestionScope.ORDER)
    owner = dataset.user_of(OWNER)
    for days, sold in SOLD.items():
        day = coffee.add_date(days, "17:00", MINUTES)
        day.add_quota("Table", SEATS, ["place", "pair", "child"])
        day.add_quota("Neighbours", NEIGHBOURS, ["neighbour"])
        pairs = sold // 6
        for ticket in sell_some(rng, day, "place", sold - 2 * pairs, owner):
            milk, asked = AnswerValue(choices=[rng.choice(MILK)]), rng.chance(ANSWERED)
            if asked:
                answer_at_desk(coffee, "milk", ticket, milk, owner)
        for _ in range(pairs):
            sell(rng, day, "pair", 1, rng.between(*day.sale), owner)
        door = DemoDoor(rng, day, "Entrance", {"Counter": 1})
        if days in HELD:
            door.let_in(scanner, owner)
        elif days == SOLD_OUT:
            _wait(rng, dataset, day)
        elif days == CANCELLED:
            _cancel(rng, dataset, day)
    return coffee


def _wait(rng: SeededRandom, dataset: Dataset, day: DemoDate) -> None:
    """Add users who wait, so that what becomes free is theirs before the public sale."""
    for place, user in enumerate(rng.sample(dataset.customers[HOME_CITY.name], len(WAITING))):
        since = dataset.now - timedelta(hours=20 - 4 * place)
        dataset.event_rows.append(
            WaitlistEntry(
                id=rng.uuid7_at(since),
                created_at=since,
                event_date_id=day.row.id,
                user_id=user.id,
                type_ids=[day.programme.types["place"].id],
                least=WAITING[place],
                most=WAITING[place],
            )
        )
    day.quotas["Table"].waitlist_first = True


def _cancel(rng: SeededRandom, dataset: Dataset, day: DemoDate) -> None:
    """Cancel a date with its tickets. Those of the desk are paid back there."""
    at, reason = dataset.now - timedelta(hours=20), day.programme.texts["cancelled"]
    date = day.row
    date.state, date.cancelled_at, date.revision = EventDateState.CANCELLED, at, 1
    for ticket in day.tickets:
        ticket.state, ticket.cancelled_at, ticket.cancel_reason = TicketState.CANCELLED, at, reason
        ticket.generation += 1
    day.quotas["Table"].taken = 0
    dataset.event_rows.append(
        DateChange(
            id=rng.uuid7_at(at),
            created_at=at,
            event_date_id=date.id,
            kind=DateChangeKind.CANCELLED,
            refund=RefundChoice.ALL,
            reason=reason,
            revision=date.revision,
            changed_by_id=dataset.user_of(OWNER).id,
            tickets=len(day.tickets),
            done_at=at + timedelta(seconds=2),
        )
    )
