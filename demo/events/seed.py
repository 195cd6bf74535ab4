"""Seeds events of the café and of a vendor in Germany, and tickets of the demo customer."""

from datetime import timedelta

from core.security.sealed import Sealer
from core.security.signing_keys import SigningKeys
from demo.cities import HOME_CITY
from demo.dataset import Dataset
from demo.events.classes import seed_classes
from demo.events.concert import seed_concert
from demo.events.doors import add_scanner
from demo.events.festival import seed_festival
from demo.events.programme import DemoDate
from demo.events.theatre import seed_theatre
from demo.identity.accounts import CUSTOMER, OWNER, SCANNER_KEY
from demo.identity.users import NAMES
from demo.rng import SeededRandom
from demo.vendors.cafe import CAFE
from models.events.check_in.scans import TicketPresence
from models.events.tickets import TRANSFER_DAYS, Ticket, TicketTransfer, TransferTo
from models.identity.accounts import User

NAMED_SHARE = 0.4  # of the tickets that have the name of who attends


def seed_events(rng: SeededRandom, dataset: Dataset) -> None:
    cafe = next(one for one in dataset.vendors if one.row.name == CAFE["name"])
    owner = dataset.user_of(OWNER)
    scanner = add_scanner(rng, dataset, cafe, owner, "Door of the café", SCANNER_KEY)
    play = seed_theatre(rng, dataset, cafe, scanner)
    classes = seed_classes(rng, dataset, cafe, scanner)
    concert = seed_concert(rng, dataset, cafe)
    festival = seed_festival(rng, dataset)
    dataset.programmes += [play, classes, concert, festival]
    customer, friend = dataset.user_of(CUSTOMER), dataset.customers[HOME_CITY.name][0]
    held = [day for day in classes.dates if day.row.ends_at < dataset.now]
    _find_used(dataset, held[-1]).holder_id = customer.id
    _offer(rng, dataset, play.dates[-1].tickets[0], friend, customer)
    for programme in dataset.programmes:
        for day in programme.dates:
            _name_attendees(rng, dataset, day)


def _find_used(dataset: Dataset, day: DemoDate) -> Ticket:
    """Return a ticket that was let in."""
    came = {one.ticket_id for one in dataset.event_rows if isinstance(one, TicketPresence)}
    return next(ticket for ticket in day.tickets if ticket.id in came)


def _offer(
    rng: SeededRandom, dataset: Dataset, ticket: Ticket, giver: User, receiver: User
) -> None:
    """Let a user offer a ticket to another one, who has not accepted it yet."""
    since = dataset.now - timedelta(hours=6)
    ticket.holder_id = giver.id
    dataset.event_rows.append(
        TicketTransfer(
            id=rng.uuid7_at(since),
            created_at=since,
            ticket_id=ticket.id,
            from_user_id=giver.id,
            to_kind=TransferTo.USER,
            to_user_id=receiver.id,
            generation=ticket.generation,
            expires_at=since + timedelta(days=TRANSFER_DAYS),
        )
    )


def _name_attendees(rng: SeededRandom, dataset: Dataset, day: DemoDate) -> None:
    names = NAMES[day.programme.vendor.city.country]
    for ticket in day.tickets:
        name = f"{rng.choice(names['given'])} {rng.choice(names['family'])}"
        if rng.chance(NAMED_SHARE):
            dataset.attendees.append((ticket, name))


def seal_people(dataset: Dataset, keys: SigningKeys) -> None:
    """Seal the names of those who attend, and their answers."""
    sealer = Sealer(keys)
    for ticket, name in dataset.attendees:
        ticket.seal_attendee(sealer, name)
    for answer, value in dataset.answers:
        answer.seal_value(sealer, value)
