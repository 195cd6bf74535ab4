"""Adds orders of tickets of the demo customer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.security.sealed import Sealer
from demo.dataset import Dataset
from demo.events.box_office import issue, make_lines
from demo.events.programme import DemoDate
from demo.identity.accounts import CUSTOMER
from demo.orders.history import History
from demo.orders.quotes import quote
from demo.orders.seed import HOURS_TO_PAY, place_order
from demo.rng import SeededRandom
from models.addresses import PostalAddress
from models.events.selling.holds import (
    HOLD_MINUTES,
    MAX_HOLD_MINUTES,
    HoldLine,
    HoldState,
    TicketBuyer,
    TicketHold,
)
from models.events.ticket_types import TicketTypeKind
from models.events.tickets import Ticket, TicketSource
from models.identity.accounts import User
from models.orders.lines import LineKind
from models.pricing.lines import Line
from services.orders.dates import describe_date
from services.orders.kinds import Sellable


@dataclass(frozen=True)
class WantedUnits:
    """Units of a ticket type, and the amount of each if it is a donation."""

    name: str
    units: int
    amount: int | None = None  # in whole units of the currency


def buy(
    rng: SeededRandom,
    dataset: Dataset,
    sealer: Sealer,
    day: DemoDate,
    wanted: Sequence[WantedUnits],
    placed: datetime,
) -> list[Ticket]:
    """Let the customer order tickets of a date. Returns them in the order of their lines."""
    customer = dataset.user_of(CUSTOMER)
    hold, lines = _hold(rng, day, customer, wanted, placed)
    history = _order(rng, dataset, sealer, customer, day, lines, placed)
    hold.order_id, hold.ended_at = history.demo.rows.order.id, history.time
    return _issue(rng, day, history, hold, lines)


def _hold(
    rng: SeededRandom,
    day: DemoDate,
    customer: User,
    wanted: Sequence[WantedUnits],
    placed: datetime,
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
    lines: list[HoldLine] = []
    for one in wanted:
        rows = day.free.get(one.name, [])
        seats = next((row[: one.units] for row in rows if len(row) >= one.units), [])
        for line in make_lines(rng, day, one.name, one.units, hold, seats):
            line.position = len(lines)
            line.price = line.price if one.amount is None else one.amount * 100
            lines.append(line)
    types = {one.id: one.kind for one in day.programme.types.values()}
    counted = [one for one in lines if types[one.ticket_type_id] is TicketTypeKind.ADMISSION]
    buyer = TicketBuyer(
        event_date_id=day.row.id,
        user_id=customer.id,
        tickets=sum(line.tickets for line in counted),
    )
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
        history.ship_on_site(part)
    return history


def _sellable(day: DemoDate, line: HoldLine) -> Sellable:
    """Return a line of a hold as orders sell it."""
    event, types = day.programme.row, day.programme.types.values()
    kind = next(one for one in types if one.id == line.ticket_type_id)
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
