"""Seeds what the demo customer does with tickets: answers, one given away, and one for resale."""

from datetime import datetime, timedelta
from typing import Any

from core.security.sealed import Sealer
from core.security.signing_keys import SigningKeys
from demo.cities import HOME_CITY
from demo.dataset import Dataset
from demo.events.classes import ORDERED
from demo.events.orders import WantedUnits, buy
from demo.events.programme import DemoDate, Programme
from demo.identity.accounts import CUSTOMER
from demo.rng import SeededRandom
from models.events.questions import AttendeeAnswer
from models.events.selling.resale import ResaleListing
from models.events.tickets import (
    TRANSFER_DAYS,
    Ticket,
    TicketTransfer,
    TransferState,
    TransferTo,
)
from models.identity.accounts import User
from models.questions import AnswerValue

SEED = 560138
SEATS = (WantedUnits("stalls", 3),)
PLACES = (WantedUnits("place", ORDERED), WantedUnits("neighbour", 1, 200))
PLACED, GIVEN, ACCEPTED = timedelta(days=2), timedelta(hours=30), timedelta(hours=26)  # ago
CLASS_PLACED, LISTED, TRIED = timedelta(days=3), timedelta(hours=3), timedelta(hours=30)  # ago


def seed_ticket_orders(dataset: Dataset, keys: SigningKeys) -> None:
    """Order seats of the play, and give one away. Order places of the class, and list one."""
    rng, sealer = SeededRandom(SEED), Sealer(keys)
    customer, friend = dataset.user_of(CUSTOMER), dataset.customers[HOME_CITY.name][0]
    play, classes, *_ = dataset.programmes
    tickets = buy(rng, dataset, sealer, _next_date(play), SEATS, dataset.now - PLACED)
    tickets[0].seal_attendee(sealer, customer.name)
    _answer(rng, dataset, play, "captions", tickets[0], 0, AnswerValue(yes=True))
    _give(rng, dataset, tickets[-1], friend)
    places = buy(rng, dataset, sealer, _next_date(classes), PLACES, dataset.now - CLASS_PLACED)
    for place, milk in enumerate(["oat", "black"]):
        value = AnswerValue(choices=[milk])
        _answer(rng, dataset, classes, "milk", places[place], place, value)
    brewer = AnswerValue(text="A moka pot from my grandmother")
    _answer(rng, dataset, classes, "brewer", places[0], 0, brewer, whole=True)
    _list(rng, dataset, places[0], dataset.now - TRIED, until=dataset.now - TRIED / 2)
    _list(rng, dataset, places[1], dataset.now - LISTED)


def _next_date(programme: Programme) -> DemoDate:
    now = programme.dataset.now
    return next(one for one in programme.dates if one.row.starts_at > now)


def _answer(
    rng: SeededRandom,
    dataset: Dataset,
    programme: Programme,
    name: str,
    ticket: Ticket,
    place: int,
    value: AnswerValue,
    *,
    whole: bool = False,
) -> None:
    """Add the answer of a buyer for a ticket at a place of its hold, or for the `whole` order."""
    assert ticket.buyer_id  # noqa: S101 - it was ordered
    given: dict[str, Any] = {} if whole else {"ticket_id": ticket.id}
    answer = AttendeeAnswer(
        id=rng.uuid7_at(ticket.created_at),
        created_at=ticket.created_at,
        question_id=programme.questions[name].id,
        hold_id=ticket.hold_id,
        user_id=ticket.buyer_id,
        place=place,
        **given,
    )
    dataset.answers.append((answer, value))


def _list(
    rng: SeededRandom,
    dataset: Dataset,
    ticket: Ticket,
    since: datetime,
    until: datetime | None = None,
) -> None:
    """List a ticket for resale at what was paid for it, and take it off the list again."""
    assert ticket.holder_id  # noqa: S101 - the buyer
    listing = ResaleListing(
        id=rng.uuid7_at(since),
        created_at=since,
        event_date_id=ticket.event_date_id,
        ticket_id=ticket.id,
        user_id=ticket.holder_id,
        price=ticket.price,
    )
    if until is not None:
        listing.withdraw(until)
    dataset.event_rows.append(listing)


def _give(rng: SeededRandom, dataset: Dataset, ticket: Ticket, friend: User) -> None:
    """Transfer a ticket to a friend, who has accepted it."""
    given, accepted = dataset.now - GIVEN, dataset.now - ACCEPTED
    assert ticket.holder_id  # noqa: S101 - the buyer
    transfer = TicketTransfer(
        id=rng.uuid7_at(given),
        created_at=given,
        ticket_id=ticket.id,
        from_user_id=ticket.holder_id,
        to_kind=TransferTo.USER,
        to_user_id=friend.id,
        generation=ticket.generation,
        expires_at=given + timedelta(days=TRANSFER_DAYS),
    )
    ticket.holder_id = friend.id
    ticket.renew(rng.voucher_code())
    transfer.end(TransferState.ACCEPTED, accepted)
    dataset.event_rows.append(transfer)
