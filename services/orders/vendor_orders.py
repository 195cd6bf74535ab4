"""The orders of a vendor: its board by state, and what is to be packed. Admins list all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlmodel import col, func, select, true
from sqlmodel.ext.asyncio.session import AsyncSession

from core.keyset import MAX_COUNT, Listing, by_time
from core.security.codes import read_symbols
from models.errors import NotFound
from models.members import Permission
from models.orders.lines import LineKind, OrderedOption, OrderLine, describe_options
from models.orders.orders import ORDER_NUMBER_LENGTH, Order, SubOrder
from models.orders.states import SubOrderState
from models.vendors import Vendor, VendorMember
from services.journal.topics import vendor_topic
from services.orders.access import OrderFilter, filter_orders, uses_code
from services.vendors.access import member_vendor_ids
from services.viewer import Viewer

MAX_PICKED = 500
MAX_PICKED_PARTS = 2_000
# Those of a board: what is over is listed, and not counted.
COUNTED_STATES = (
    SubOrderState.CONFIRMED,
    SubOrderState.PREPARING,
    SubOrderState.SHIPPED,
    SubOrderState.DELIVERED,
)
OLDEST_FIRST = by_time(SubOrder, newest=False)


@dataclass(frozen=True)
class VendorOrderFilter:
    """Conditions of a vendor's list, None for all. `number` is as it was typed."""

    state: SubOrderState | None = None
    created_from: datetime | None = None
    created_before: datetime | None = None
    number: str | None = None
    promo_code_id: UUID | None = None


@dataclass(frozen=True)
class StateCount:
    """The number of a vendor's parts in a state, at most `MAX_COUNT`."""

    state: SubOrderState
    count: int


@dataclass(frozen=True)
class PickedLine:
    """The units of one thing that are to be packed, for so many orders."""

    kind: LineKind
    ref_id: UUID
    locale: str
    title: dict[str, str]
    options: list[dict[str, Any]]
    sku: str | None
    units: int
    orders: int
    oldest_at: datetime

    @property
    def chosen(self) -> list[OrderedOption]:
        return describe_options(self.options, self.locale)


def list_vendor_orders(
    viewer: Viewer, vendor_id: UUID, wanted: VendorOrderFilter, *, newest: bool = True
) -> Listing[SubOrder]:
    """List the parts of a vendor whose orders were confirmed. Empty unless the viewer may see them.

    An order is found by its number with the index of the number, and all else with the vendor's.
    """
    viewer.require_user()
    rows = select(SubOrder).where(
        SubOrder.vendor_id == vendor_id,
        col(SubOrder.confirmed_at).is_not(None),
        _may_see(viewer, vendor_id),
    )
    if wanted.state is not None:
        rows = rows.where(SubOrder.state == wanted.state)
    if wanted.created_from is not None:
        rows = rows.where(col(SubOrder.created_at) >= wanted.created_from)
    if wanted.created_before is not None:
        rows = rows.where(col(SubOrder.created_at) < wanted.created_before)
    if wanted.number is not None:
        number = read_symbols(wanted.number)[:ORDER_NUMBER_LENGTH]
        found = select(Order.id).where(Order.number == number).scalar_subquery()
        rows = rows.where(col(SubOrder.order_id) == found)
    if wanted.promo_code_id is not None:
        rows = rows.where(uses_code(col(SubOrder.order_id), wanted.promo_code_id))
    return Listing(rows, by_time(SubOrder, newest=newest), topics=[vendor_topic(vendor_id)])


def list_all_orders(viewer: Viewer, wanted: OrderFilter, *, newest: bool = True) -> Listing[Order]:
    """List the orders of all users, for admins."""
    viewer.require_admin()
    return Listing(filter_orders(select(Order), wanted), by_time(Order, newest=newest))


async def count_by_state(
    session: AsyncSession, viewer: Viewer, vendor_id: UUID
) -> Sequence[StateCount]:
    """Count the parts of a vendor in each state of a board, up to the limit of each state.

    Raises `NotFound` unless the viewer sees them.
    """
    await _ensure_seen(session, viewer, vendor_id)
    counts = (_count_up_to_limit(viewer, vendor_id, state) for state in COUNTED_STATES)
    (row,) = (await session.execute(sa.select(*counts))).all()
    return [*map(StateCount, COUNTED_STATES, row)]


def _count_up_to_limit(
    viewer: Viewer, vendor_id: UUID, state: SubOrderState
) -> sa.ScalarSelect[int]:
    """Count in the index of states alone, in its order: no count reads more than its limit."""
    found = _parts_in(viewer, vendor_id, state).limit(MAX_COUNT).subquery()
    return sa.select(func.count()).select_from(found).scalar_subquery()


async def list_units_to_pack(
    session: AsyncSession, viewer: Viewer, vendor_id: UUID
) -> Sequence[PickedLine]:
    """List the units that are to be packed for the oldest accepted parts, by SKU.

    Those of one variant that was changed between two orders are listed as they were ordered.
    Raises `NotFound` unless the viewer sees the orders.
    """
    await _ensure_seen(session, viewer, vendor_id)
    unpacked = OrderLine.quantity - col(OrderLine.cancelled) - col(OrderLine.shipped)
    article: list[Any] = [
        OrderLine.kind,
        OrderLine.ref_id,
        OrderLine.locale,
        OrderLine.title,
        OrderLine.options,
        OrderLine.sku,
    ]
    accepted = _parts_in(viewer, vendor_id, SubOrderState.PREPARING)
    oldest = accepted.order_by(*OLDEST_FIRST.columns()).limit(MAX_PICKED_PARTS).subquery()
    counts: list[Any] = [
        func.sum(unpacked),
        func.count(func.distinct(OrderLine.suborder_id)),
        func.min(oldest.c.created_at),
    ]
    rows = (
        sa.select(*article, *counts)
        .join(oldest, oldest.c.id == OrderLine.suborder_id)
        .where(unpacked > 0)
        .group_by(*article)
        .order_by(col(OrderLine.sku), col(OrderLine.ref_id))
        .limit(MAX_PICKED)
    )
    return [PickedLine(*row) for row in (await session.execute(rows)).all()]


def _parts_in(viewer: Viewer, vendor_id: UUID, state: SubOrderState) -> sa.Select[UUID, datetime]:
    """Select the keys of a vendor's parts in a state."""
    return sa.select(col(SubOrder.id), col(SubOrder.created_at)).where(
        col(SubOrder.vendor_id) == vendor_id,
        col(SubOrder.state) == state,
        _may_see(viewer, vendor_id),
    )


async def _ensure_seen(session: AsyncSession, viewer: Viewer, vendor_id: UUID) -> None:
    """Raise `NotFound` unless there is such a vendor whose orders the viewer sees."""
    viewer.require_user()
    rows = select(Vendor.id).where(Vendor.id == vendor_id, _may_see(viewer, vendor_id))
    if (await session.exec(rows)).first() is None:
        raise NotFound


def _may_see(viewer: Viewer, vendor_id: UUID) -> ColumnElement[bool]:
    """Match everything if the viewer sees the orders of the vendor: evaluated once."""
    if viewer.admin:
        return true()
    allowed = member_vendor_ids(viewer.staff, Permission.SEE_ORDERS)
    return allowed.where(VendorMember.vendor_id == vendor_id).exists()
