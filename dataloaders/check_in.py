"""Loaders of check-in lists, their gates, scans and attendance."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from core.statements.selected import AnySelect, Selected, columns_of
from core.statements.statement import any_of
from engine.loaders import Loader, by_id, children, grouped, visible
from engine.reads.source import ReadSource
from models.events.check_in.lists import CheckInGate, CheckInList
from models.events.check_in.scanners import Scanner
from models.events.check_in.scans import Scan
from models.events.tickets import Ticket
from services.events.check_in.access import (
    visible_gates,
    visible_lists,
    visible_scanners,
    visible_scans,
)
from services.events.check_in.attendance import (
    OF_GATES,
    OF_LISTS,
    GateAttendance,
    ListAttendance,
)
from services.events.check_in.gaps import MISSING
from services.viewer import Viewer


def _lists(viewer: Viewer, selected: Selected | None) -> AnySelect:
    seen = visible_lists(viewer).with_only_columns(col(CheckInList.id))
    columns = columns_of(CheckInList, selected, "event_date_id")
    ours = any_of(col(CheckInList.event_date_id)), col(CheckInList.id).in_(seen)
    return select(*columns).where(*ours).order_by(col(CheckInList.name))


def _gates(_: object, selected: Selected | None) -> AnySelect:
    columns = columns_of(CheckInGate, selected, "list_id")
    order = col(CheckInGate.name)
    return select(*columns).where(any_of(col(CheckInGate.list_id))).order_by(order)


async def _attendance_of_lists(
    source: ReadSource, ids: Sequence[UUID]
) -> Mapping[UUID, ListAttendance]:
    rows: Sequence[Any] = await source.fetch(OF_LISTS, keys=ids)
    names = ListAttendance._fields
    return {row["id"]: ListAttendance(*(row[name] for name in names)) for row in rows}


async def _attendance_of_gates(
    source: ReadSource, ids: Sequence[UUID]
) -> Mapping[UUID, GateAttendance]:
    rows: Sequence[Any] = await source.fetch(OF_GATES, keys=ids)
    return {row["gate_id"]: GateAttendance(row["admitted"], row["last_minute"]) for row in rows}


async def _missing_scans(source: ReadSource, ids: Sequence[UUID]) -> Mapping[UUID, int]:
    rows: Sequence[Any] = await source.fetch(MISSING, keys=ids)
    return {row["id"]: row["missing"] for row in rows}


list_by_id = by_id(CheckInList)
visible_list = visible(CheckInList, visible_lists)
lists_of_date = grouped(CheckInList, "event_date_id", _lists)
gate_by_id = by_id(CheckInGate)
visible_gate = visible(CheckInGate, visible_gates)
gates_of_list = grouped(CheckInGate, "list_id", _gates)
scan_by_id = by_id(Scan)
visible_scan = visible(Scan, visible_scans)
scanner_by_id = by_id(Scanner)
visible_scanner = visible(Scanner, visible_scanners)
scanned_ticket = by_id(Ticket)
attendance_of_list = Loader(_attendance_of_lists, ListAttendance())
attendance_of_gate = Loader(_attendance_of_gates, GateAttendance())
missing_scans = Loader(_missing_scans, 0)
scans_of_scanner = children(Scan, "scanner_id", visible_scans)
scans_of_ticket = children(Scan, "ticket_id", visible_scans)
