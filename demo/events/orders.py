"""Seeds an order of tickets of the demo customer, one of which a friend has got."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from core.security.sealed import Sealer
from core.security.signing_keys import SigningKeys
from demo.accounts import CUSTOMER
from demo.cities import HOME_CITY
from demo.dataset import Dataset
from demo.events.box_office import issue, make_lines
from demo.events.programme import DemoDate
from demo.orders.history import History
from demo.orders.quotes import quote
from demo.orders.seed import HOURS_TO_PAY, place_order
from demo.rng import SeededRandom
from models.addresses import PostalAddress
from models.events.holds import (
    HOLD_MINUTES,
    MAX_HOLD_MINUTES,
    HoldLine,
    HoldState,
    TicketBuyer,
    TicketHold,
)
from models.events.tickets import (
    TRANSFER_DAYS,
    Ticket,
    TicketSource,
    TicketTransfer,
    TransferState,
    TransferTo,
)
from models.identity.accounts import User
from models.orders.lines import LineKind
from models.pricing.lines import Line
from services.orders.dates import describe_date
from services.orders.kinds import Sellable

SEED = 560138
NAME, UNITS = "stalls", 3
PLACED, GIVEN, ACCEPTED = timedelta(days=2), timedelta(hours=30), timedelta(hours=26)  # ago


def seed_ticket_order(dataset: Dataset, keys: SigningKeys) -> None:
    """Order seats of the next day of the play, and give one of the tickets away."""
    rng, sealer = SeededRandom(SEED), Sealer(keys)
    customer, friend = dataset.user_of(CUSTOMER), dataset.customers[HOME_CITY.name][0]
    day = next(one for one in dataset.programmes[0].dates if one.row.starts_at > dataset.now)
    placed = dataset.now - PLACED
    hold, lines = _hold(rng, day, customer, placed)
    history = _order(rng, dataset, sealer, customer, day, lines, placed)
    hold.order_id, hold.ended_at = history.demo.rows.order.id, history.time
    tickets = _issue(rng, day, history, hold, lines)
    tickets[0].seal_attendee(sealer, customer.name)
    _give(rng, dataset, tickets[-1], friend)


def _hold(
    rng: SeededRandom, day: DemoDate, customer: User, placed: datetime
) -> tuple[TicketHold, list[HoldLine]]:
    """Add the hold that became the order, with a line for each of its seats side by side."""
    since, dataset = placed - timedelta(minutes=3), day.programme.dataset
    hold = TicketHold(
        id=rng.uuid7_at(since),
        created_at=since,
        event_date_id=day.row.id,
        vendor_id=day.row.vendor_id,
        user_id=customer.id,
        state=HoldState.SOLD,
        currency=day.programme.row.currency,
        expires_at=since + timedelta(minutes=HOLD_MINUTES),
        hard_until=since + timedelta(minutes=MAX_HOLD_MINUTES),
    )
    row = next(row for row in day.free[NAME] if len(row) >= UNITS)
    lines = make_lines(rng, day, NAME, UNITS, hold, row[:UNITS])
    buyer = TicketBuyer(event_date_id=day.row.id, user_id=customer.id, tickets=UNITS)
    dataset.event_rows += [hold, *lines, buyer]
    return hold, lines


def _order(
    rng: SeededRandom,
    dataset: Dataset,
    sealer: Sealer,
    customer: User,
    day: DemoDate,
    lines: Sequence[HoldLine],
    placed: datetime,
) -> History:
    """Place and pay the order."""
    saved = next(
        one for one in dataset.addresses if one.row.user_id == customer.id and one.row.is_default
    )
    address = PostalAddress(saved.draft.country, saved.draft.details())
    sellable = [_sellable(day, line) for line in lines]
    quoted = quote(dataset, sellable, address, placed)
    assert quoted  # noqa: S101 - tickets are not delivered, and the taxes of the café are known
    history = place_order(rng, dataset, sealer, saved, address, quoted, placed)
    history.wait(HOURS_TO_PAY)
    history.pay()
    for part in history.parts:
        history.issue_tickets(part)
    return history


def _sellable(day: DemoDate, line: HoldLine) -> Sellable:
    """Return a line of a hold as orders sell it."""
    event, kind = day.programme.row, day.programme.types[NAME]
    return Sellable(
        kind=LineKind.TICKET,
        ref_id=line.id,
        line=Line(
            id=line.id,
            vendor_id=event.vendor_id,
            unit=line.price,
            quantity=line.quantity,
            category_ids=frozenset([event.category_id]),
            tax_class=kind.tax_class,
            delivered=False,
        ),
        currency=event.currency,
        locale=event.locale,
        title={tag: f"{title} · {kind.name[tag]}" for tag, title in event.title.items()},
        tax_class=kind.tax_class,
        options=[describe_date(event.locale, day.row.local_start)],
    )


def _issue(
    rng: SeededRandom,
    day: DemoDate,
    history: History,
    hold: TicketHold,
    lines: Sequence[HoldLine],
) -> list[Ticket]:
    ordered = {line.ref_id: line.id for line in history.demo.rows.lines}
    return [
        ticket
        for line in lines
        for ticket in issue(
            rng,
            day,
            hold,
            line,
            history.time,
            TicketSource.ORDER,
            buyer_id=hold.user_id,
            holder_id=hold.user_id,
            order_line_id=ordered[line.id],
        )
    ]


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
