"""Adds tickets that were sold at the desk of a vendor, which takes the money itself."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from demo.events.programme import DemoDate
from demo.rng import SeededRandom
from models.events.selling.desk_sales import DeskPayment, DeskSale
from models.events.selling.holds import HoldLine, HoldSource, HoldState, TicketHold
from models.events.tickets import Ticket, TicketSource
from models.identity.accounts import User
from models.pricing.amounts import split
from services.events.charts.layout import PlacedSeat
from services.events.tickets.issuing import policies

MOST_AT_ONCE = 4


def sell_some(
    rng: SeededRandom, day: DemoDate, name: str, units: int, seller: User
) -> list[Ticket]:
    """Sell so many units of a type, a few at a time, over the time of the sale."""
    tickets: list[Ticket] = []
    since, until = day.sale
    while units:
        count = min(units, rng.randint(1, MOST_AT_ONCE))
        units -= count
        tickets += sell(rng, day, name, count, rng.between(since, until), seller)
    return tickets


def sell(
    rng: SeededRandom,
    day: DemoDate,
    name: str,
    units: int,
    at: datetime,
    seller: User,
    *,
    seats: Sequence[PlacedSeat] = (),
    free: bool = False,
) -> list[Ticket]:
    """Sell units of a type at the desk, or seats of it, and count them in the quotas."""
    date, kind = day.row, day.programme.types[name]
    hold = TicketHold(
        id=rng.uuid7_at(at),
        created_at=at,
        event_date_id=date.id,
        vendor_id=date.vendor_id,
        user_id=seller.id,
        state=HoldState.SOLD,
        source=HoldSource.DESK,
        currency=kind.currency,
        expires_at=at,
        hard_until=at,
        ended_at=at,
    )
    lines = make_lines(rng, day, name, units, hold, seats)
    for line in lines if free else ():
        line.price = 0
    sale = DeskSale(
        id=rng.uuid7_at(at),
        created_at=at,
        event_date_id=date.id,
        hold_id=hold.id,
        sold_by_id=seller.id,
        paid=DeskPayment.COMP if free else rng.choice([DeskPayment.CASH, DeskPayment.CARD]),
        currency=kind.currency,
        total=sum(line.total for line in lines),
    )
    source = TicketSource.COMPLIMENTARY if free else TicketSource.DESK
    day.programme.dataset.event_rows += [hold, *lines, sale]
    return [ticket for line in lines for ticket in issue(rng, day, hold, line, at, source)]


def make_lines(
    rng: SeededRandom,
    day: DemoDate,
    name: str,
    units: int,
    hold: TicketHold,
    seats: Sequence[PlacedSeat] = (),
) -> list[HoldLine]:
    """Return the lines of a hold: one for each seat, or one for all units."""
    programme, quotas = day.programme, day.by_type.get(name, [])
    kind = programme.types[name]
    tier = kind.open_tier(programme.tiers.get(name, []), {}, hold.created_at, units)
    places: list[UUID | None] = [seat.id for seat in seats]
    lines = [
        HoldLine(
            id=rng.uuid7_at(hold.created_at),
            created_at=hold.created_at,
            hold_id=hold.id,
            position=position,
            ticket_type_id=kind.id,
            tier_id=tier.id if tier else None,
            seat_id=seat_id,
            quantity=1 if seats else units,
            admits=kind.admits,
            price=kind.price_now(tier),
            quota_ids=sorted(quota.id for quota in quotas),
        )
        for position, seat_id in enumerate(places or [None])
    ]
    for quota in quotas:
        quota.taken += sum(line.tickets for line in lines)
    return lines


def issue(
    rng: SeededRandom,
    day: DemoDate,
    hold: TicketHold,
    line: HoldLine,
    at: datetime,
    source: TicketSource,
    *,
    buyer_id: UUID | None = None,
    holder_id: UUID | None = None,
    order_line_id: UUID | None = None,
) -> list[Ticket]:
    """Issue the tickets of a line."""
    event, date, dataset = day.programme.row, day.row, day.programme.dataset
    tickets = [
        Ticket(
            id=rng.uuid7_at(at),
            created_at=at,
            event_date_id=date.id,
            vendor_id=date.vendor_id,
            hold_id=hold.id,
            ticket_type_id=line.ticket_type_id,
            tier_id=line.tier_id,
            seat_id=line.seat_id,
            order_line_id=order_line_id,
            source=source,
            buyer_id=buyer_id,
            holder_id=holder_id,
            code=rng.voucher_code(),
            price=price,
            currency=hold.currency,
            quota_ids=line.quota_ids,
            **policies(event, date),
        )
        for _ in range(line.quantity)
        for price in split(line.price, [1] * line.admits)
    ]
    dataset.event_rows += tickets
    day.tickets += tickets
    return tickets
