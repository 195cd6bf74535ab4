"""Search of events by vendor, category, place, date, price and text."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import col, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from core.countries import postal_codes
from core.database import exists_in
from core.errors import BadInput
from core.keyset import Listing, Ordering, newest_first
from models.events.dates import EventDate, EventDateState
from models.events.events import Event, EventState, EventVisibility
from models.members import Permission
from models.vendors import Vendor, VendorStatus
from services.categories.queries import subtree
from services.near import CUSTOM_PLAN, MAX_NEAR, NEAR_PLANNING, Near, is_near, nearest
from services.search import by_ordering, by_similarity
from services.vendors.access import works_at
from services.viewer import Viewer


class EventOrder(StrEnum):
    NEXT_DATE = "NEXT_DATE"
    NEWEST = "NEWEST"
    NEAREST = "NEAREST"
    POPULAR = "POPULAR"
    RELEVANCE = "RELEVANCE"


@dataclass(frozen=True)
class ListedEvents:
    """Conditions on a list of events. None is no condition.

    `starts_from` and `until` are met by an event with a date that starts between them. Events in
    `states` that are not listed are found only at the viewer's vendors.
    """

    vendor_id: UUID | None = None
    category_id: UUID | None = None
    country: str | None = None
    pin_code: str | None = None
    starts_from: datetime | None = None
    until: datetime | None = None
    currency: str | None = None
    price_below: int | None = None
    free: bool = False
    states: tuple[EventState, ...] | None = None
    near: Near | None = None
    search: str | None = None


@dataclass(frozen=True)
class EventListing(Listing[Event]):
    """A list of events, with the place from which distances are measured, if any."""

    near: Near | None = None


def listed_events() -> SelectOfScalar[Event]:
    """Select public events on sale or to come: published by an approved vendor, with a date.

    Those whose last date has just ended are listed until a job has ended it.
    """
    approved = select(Vendor.id).where(Vendor.status == VendorStatus.APPROVED)
    return select(Event).where(
        Event.state == EventState.PUBLISHED,
        Event.visibility == EventVisibility.PUBLIC,
        col(Event.next_date_at).is_not(None),
        col(Event.vendor_id).in_(approved),
    )


def search_events(
    viewer: Viewer, wanted: ListedEvents, order: EventOrder | None = None
) -> EventListing:
    """Search events.

    The default order is by similarity for a text search, by distance with coordinates, else by the
    next date. Distances are in metres, in a straight line.
    """
    ordering = _ordering(wanted, order)
    rows = _matching(viewer, wanted)
    near = partial(is_near, wanted.near)
    if wanted.search is not None and ordering is None:
        listing = by_similarity(rows.where(near(Event)), Event, wanted.search)
    elif wanted.search is not None and ordering is not None:
        listing = by_ordering(rows, Event, wanted.search, ordering, also=near)
    else:
        listing = _list(wanted, rows, ordering or _by_next_date(wanted), order)
    return EventListing(**vars(listing), near=wanted.near)


def _list(
    wanted: ListedEvents,
    rows: SelectOfScalar[Event],
    ordering: Ordering,
    order: EventOrder | None,
) -> Listing[Event]:
    """List events without a text search, the nearest 1,000 in another order than by distance."""
    if wanted.near is None:
        return Listing(rows, ordering, planning=CUSTOM_PLAN)
    rows = rows.where(is_near(wanted.near, Event))
    if order in {None, EventOrder.NEAREST}:
        return Listing(rows, ordering, countable=MAX_NEAR, planning=CUSTOM_PLAN)
    ids: Any = rows.with_only_columns(col(Event.id), maintain_column_froms=True)
    closest = ids.order_by(nearest(wanted.near, Event).key).limit(MAX_NEAR + 1)
    among = select(Event).where(col(Event.id).in_(select(closest.subquery())))
    return Listing(among, ordering, countable=MAX_NEAR, planning=NEAR_PLANNING)


def _by_next_date(wanted: ListedEvents) -> Ordering:
    """Return the order by the next date, and by creation where events without one are listed."""
    if wanted.states is not None:
        return newest_first(Event)
    return Ordering("next_date", Event.next_date_at, Event.id, datetime.fromisoformat)


def _ordering(wanted: ListedEvents, order: EventOrder | None) -> Ordering | None:
    """Return the ordering, or None for similarity."""
    if (order is None and wanted.search is not None) or order is EventOrder.RELEVANCE:
        if wanted.search is None:
            raise BadInput("Enter a text to search for, to sort by relevance.")
        return None
    if (order is None and wanted.near is not None) or order is EventOrder.NEAREST:
        if wanted.near is None:
            raise BadInput("Choose a place, to sort by distance.")
        return nearest(wanted.near, Event)
    if order is EventOrder.NEWEST:
        return newest_first(Event)
    if order is EventOrder.POPULAR:
        return Ordering("popular", Event.popularity, Event.id, int, descending=True)
    if order is EventOrder.NEXT_DATE and wanted.states is not None:
        raise BadInput("Leave the states out, to sort by the next date.")
    return _by_next_date(wanted)


def _matching(viewer: Viewer, wanted: ListedEvents) -> SelectOfScalar[Event]:
    if wanted.states is None:
        return listed_events().where(*_filters(wanted))
    return _managed(viewer).where(*_filters(wanted))


def _managed(viewer: Viewer) -> SelectOfScalar[Event]:
    """Select listed events and all of the viewer's vendors: no list shows unlisted ones of others.

    Admins see all.
    """
    if viewer.admin:
        return select(Event)
    listed: Any = listed_events().with_only_columns(col(Event.id))
    is_listed = col(Event.id).in_(listed)
    if viewer.user_id is None:
        return select(Event).where(is_listed)
    own = works_at(viewer.staff, col(Event.vendor_id), Permission.SEE_EVENTS)
    return select(Event).where(or_(is_listed, own))


def _filters(wanted: ListedEvents) -> Iterator[ColumnElement[bool] | bool]:
    if wanted.states is not None:
        yield col(Event.state).in_(wanted.states)
    if wanted.vendor_id is not None:
        yield Event.vendor_id == wanted.vendor_id
    if wanted.category_id is not None:
        yield col(Event.category_id).in_(subtree(wanted.category_id))
    if wanted.country is not None:
        yield Event.country == wanted.country
    if wanted.pin_code is not None:
        yield Event.pin_code == postal_codes.normalize(wanted.pin_code)
    if wanted.free:
        yield Event.min_price == 0
    if wanted.currency is not None:
        yield Event.currency == wanted.currency
    if wanted.price_below is not None:
        yield col(Event.min_price) < wanted.price_below
    if wanted.starts_from is not None or wanted.until is not None:
        yield exists_in(EventDate, *_date_conditions(wanted))


def _date_conditions(wanted: ListedEvents) -> Iterator[ColumnElement[bool]]:
    yield col(EventDate.event_id) == Event.id
    yield col(EventDate.state) == EventDateState.SCHEDULED
    if wanted.starts_from is not None:
        yield col(EventDate.starts_at) >= wanted.starts_from
    if wanted.until is not None:
        yield col(EventDate.starts_at) < wanted.until
