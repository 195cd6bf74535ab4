"""Loaders of events, their dates, ticket types and quotas."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from core.statements.selected import AnySelect, Match, Selected, columns_of
from core.statements.statement import Statement, any_of
from engine.loaders import (
    Loader,
    by_id,
    children,
    column_by_id,
    grouped,
    in_session,
    one_each,
    valued,
    visible,
)
from models.events.date_changes import DateChange
from models.events.dates import EventDate
from models.events.events import Event, EventSlug
from models.events.seats.charts import Chart, ChartRow, ChartSection, PriceCategory, Seat
from models.events.selling.availability import SoldType
from models.events.selling.desk_sales import DeskSale
from models.events.selling.holds import HoldLine, TicketHold
from models.events.selling.resale import ResaleListing
from models.events.selling.sale_queue import SaleQueue
from models.events.selling.waitlist import WaitlistEntry
from models.events.ticket_types import PriceTier, TicketQuota, TicketType, TypeCode, TypeQuota
from models.events.tickets import Ticket, TicketTransfer
from models.events.venues import Venue
from models.promos.codes import PromoCode
from services.events.access import (
    managed_dates,
    visible_categories,
    visible_charts,
    visible_dates,
    visible_events,
    visible_quotas,
    visible_ticket_types,
    visible_venues,
)
from services.events.charts.reading import draw_charts
from services.events.closing.progress import (
    NO_REFUNDS,
    count_refunds,
    find_latest_changes,
)
from services.events.closing.quotes import DateClosing, quote_closings
from services.events.desk import find_codes, visible_desk_sales
from services.events.holds.access import visible_holds
from services.events.resale.access import find_listings
from services.events.sale_queue.access import visible_queues
from services.events.sales.queues import QueueFigures, count_queues
from services.events.search import listed_events
from services.events.seats.maps import RowKey, find_taken
from services.events.sold_types import find_sold_types
from services.events.tickets.access import visible_tickets
from services.events.transfers.access import visible_transfers
from services.events.waitlist.access import visible_entries
from services.events.waitlist.blocking import find_blocking_categories
from services.promos.access import visible_promo_codes
from services.viewer import Viewer


def _current_slugs(matches: Match) -> AnySelect:
    event_id = col(EventSlug.event_id)
    return select(event_id, col(EventSlug.slug)).where(col(EventSlug.is_current), matches(event_id))


def _types(viewer: Viewer, selected: Selected | None) -> AnySelect:
    """Select the ticket types of events that the viewer sees, in their order."""
    seen = visible_ticket_types(viewer).with_only_columns(col(TicketType.id))
    columns = columns_of(TicketType, selected, "event_id")
    order = col(TicketType.position), col(TicketType.id)
    ours = any_of(col(TicketType.event_id)), col(TicketType.id).in_(seen)
    return select(*columns).where(*ours).order_by(*order)


def _tiers(_: object, selected: Selected | None) -> AnySelect:
    columns = columns_of(PriceTier, selected, "ticket_type_id")
    order = col(PriceTier.position)
    return select(*columns).where(any_of(col(PriceTier.ticket_type_id))).order_by(order)


def _codes(viewer: Viewer, selected: Selected | None) -> AnySelect:
    seen = visible_promo_codes(viewer).with_only_columns(col(PromoCode.id))
    return (
        select(*columns_of(PromoCode, selected), col(TypeCode.ticket_type_id))
        .join(TypeCode, col(TypeCode.promo_code_id) == col(PromoCode.id))
        .where(any_of(col(TypeCode.ticket_type_id)), col(PromoCode.id).in_(seen))
        .order_by(col(PromoCode.code))
    )


def _quotas(viewer: Viewer, selected: Selected | None) -> AnySelect:
    seen = visible_quotas(viewer).with_only_columns(col(TicketQuota.id))
    columns = columns_of(TicketQuota, selected, "event_date_id")
    ours = any_of(col(TicketQuota.event_date_id)), col(TicketQuota.id).in_(seen)
    return select(*columns).where(*ours).order_by(col(TicketQuota.name))


def _types_of_quota(_: object, selected: Selected | None) -> AnySelect:
    columns = columns_of(TicketType, selected)
    return (
        select(*columns, col(TypeQuota.quota_id))
        .join(TypeQuota, col(TypeQuota.ticket_type_id) == col(TicketType.id))
        .where(any_of(col(TypeQuota.quota_id)))
        .order_by(col(TicketType.position), col(TicketType.id))
    )


def _lines(_: object, selected: Selected | None) -> AnySelect:
    columns = columns_of(HoldLine, selected, "hold_id")
    order = col(HoldLine.position)
    return select(*columns).where(any_of(col(HoldLine.hold_id))).order_by(order)


def _categories(_: object, selected: Selected | None) -> AnySelect:
    columns = columns_of(PriceCategory, selected, "chart_id")
    order = col(PriceCategory.position)
    return select(*columns).where(any_of(col(PriceCategory.chart_id))).order_by(order)


_DATES_OF_TICKETS = (
    select(*columns_of(EventDate), col(Ticket.id).label("ticket_id"))
    .join(Ticket, col(Ticket.event_date_id) == col(EventDate.id))
    .where(any_of(col(Ticket.id)))
)


def _sections(_: object, selected: Selected | None) -> AnySelect:
    columns = columns_of(ChartSection, selected, "chart_id")
    order = col(ChartSection.position)
    return select(*columns).where(any_of(col(ChartSection.chart_id))).order_by(order)


def _rows(_: object, selected: Selected | None) -> AnySelect:
    columns = columns_of(ChartRow, selected, "section_id")
    order = col(ChartRow.rank)
    return select(*columns).where(any_of(col(ChartRow.section_id))).order_by(order)


def _seats(_: object, selected: Selected | None) -> AnySelect:
    columns = columns_of(Seat, selected, "row_id")
    order = col(Seat.pos)
    return select(*columns).where(any_of(col(Seat.row_id))).order_by(order)


event_by_id = by_id(Event)
visible_event = visible(Event, visible_events)
currency_of_event = column_by_id(Event.currency, "")
currency_of_hold = column_by_id(TicketHold.currency, "")
currency_of_ticket = column_by_id(Ticket.currency, "")
slug_of_event: Loader[UUID, str | None] = valued(_current_slugs, None)
date_by_id = by_id(EventDate)
visible_date = visible(EventDate, visible_dates)
managed_date = visible(EventDate, managed_dates)
venue_by_id = by_id(Venue)
visible_venue = visible(Venue, visible_venues)
type_by_id = by_id(TicketType)
visible_type = visible(TicketType, visible_ticket_types)
types_of_event = grouped(TicketType, "event_id", _types)
tiers_of_type = grouped(PriceTier, "ticket_type_id", _tiers)
codes_of_type = grouped(PromoCode, "ticket_type_id", _codes)
visible_quota = visible(TicketQuota, visible_quotas)
quotas_of_date = grouped(TicketQuota, "event_date_id", _quotas)
types_of_quota = grouped(TicketType, "quota_id", _types_of_quota)
_no_types: Sequence[SoldType] = ()
sold_types_of_date = Loader(in_session(find_sold_types), _no_types)
latest_change_of_date: Loader[UUID, DateChange | None] = Loader(
    in_session(find_latest_changes), None
)
refund_counts_of_change = Loader(in_session(count_refunds), NO_REFUNDS)
chart_by_id = by_id(Chart)
visible_chart = visible(Chart, visible_charts)
visible_category = visible(PriceCategory, visible_categories)
categories_of_chart = grouped(PriceCategory, "chart_id", _categories)
seat_by_id = by_id(Seat)
row_by_id = by_id(ChartRow)
section_by_id = by_id(ChartSection)
_no_categories: Sequence[PriceCategory] = ()
blocking_of_entry = Loader(in_session(find_blocking_categories), _no_categories)
category_of_seats = by_id(PriceCategory)
sections_of_chart = grouped(ChartSection, "chart_id", _sections)
rows_of_section = grouped(ChartRow, "section_id", _rows)
seats_of_row = grouped(Seat, "row_id", _seats)
taken_of_row: Loader[RowKey, Sequence[int]] = Loader(in_session(find_taken), ())
drawing_of_chart: Loader[UUID, str] = Loader(in_session(draw_charts), "")
hold_by_id = by_id(TicketHold)
visible_hold = visible(TicketHold, visible_holds)
visible_desk_sale = visible(DeskSale, visible_desk_sales)
_no_codes: Sequence[str] = ()
codes_of_hold = Loader(in_session(find_codes), _no_codes)
lines_of_hold = grouped(HoldLine, "hold_id", _lines)
ticket_by_id = by_id(Ticket)
visible_ticket = visible(Ticket, visible_tickets)
transfer_by_id = by_id(TicketTransfer)
listing_of_ticket: Loader[UUID, ResaleListing | None] = Loader(in_session(find_listings), None)
visible_transfer = visible(TicketTransfer, visible_transfers)
date_of_ticket = one_each(Statement(_DATES_OF_TICKETS, EventDate), "ticket_id")
entry_by_id = by_id(WaitlistEntry)
visible_entry = visible(WaitlistEntry, visible_entries)
queue_by_id = by_id(SaleQueue)
queue_figures_of_event: Loader[UUID, QueueFigures | None] = Loader(in_session(count_queues), None)
visible_queue = visible(SaleQueue, visible_queues)
tickets_of_line = children(Ticket, "order_line_id", visible_tickets)
listed_events_of_vendor = children(Event, "vendor_id", lambda _: listed_events())
_NOT_CLOSING: DateClosing | None = None
closing_of_date = Loader(in_session(quote_closings), _NOT_CLOSING)
