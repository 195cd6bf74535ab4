"""The list, the scanner and the member of a scan: checked and locked before the ticket."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, func
from sqlmodel import col, select

from core.statements.selected import columns_of
from core.statements.statement import Statement
from core.statements.units import PreparedTransaction, UnitOfWork, connection_of
from models.errors import NotFound
from models.events.check_in.lists import CheckInGate, CheckInList
from models.events.check_in.scanners import Scanner
from models.events.dates import EventDate
from models.members import Permission
from services.events.check_in.scanner_use import rely_on_scanner
from services.vendors.access import rely_on_vendor
from services.viewer import Viewer

_LIST: list[Any] = [*columns_of(CheckInList), col(EventDate.vendor_id)]
LIST = Statement(
    select(*_LIST)
    .join(EventDate, col(EventDate.id) == col(CheckInList.event_date_id))
    .where(col(CheckInList.id) == bindparam("list_id")),
    CheckInList,
)
GATES = Statement(
    select(col(CheckInGate.id)).where(col(CheckInGate.list_id) == bindparam("list_id"))
)
# After the locks were taken: the transaction may have begun long before.
CLOCK = Statement(select(func.clock_timestamp().label("moment")))


@dataclass(frozen=True)
class ScanDesk:
    """Where a scan takes place: a list, the scanner, which is locked, and the vendor."""

    door: CheckInList
    vendor_id: UUID
    scanner: Scanner
    member_id: UUID


async def find_list(unit: PreparedTransaction, list_id: UUID) -> tuple[CheckInList, UUID]:
    """Return a list and its vendor's id. Raises `NotFound`."""
    door: Any = await LIST.fetch_one(unit.connection, list_id=list_id)
    if door is None:
        raise NotFound
    return door, door["vendor_id"]


async def open_desk(
    unit: PreparedTransaction, viewer: Viewer, list_id: UUID, scanner_key: str
) -> ScanDesk:
    """Return the desk of a member who checks in with a scanner of the same vendor.

    Raises `NotFound`, and `ScannerRevoked`.
    """
    member_id = viewer.require_user()
    door, vendor_id = await find_list(unit, list_id)
    await rely_on_vendor(unit, viewer, vendor_id, Permission.CHECK_IN)
    scanner = await rely_on_scanner(unit, vendor_id, scanner_key)
    return ScanDesk(door, vendor_id, scanner, member_id)


async def ensure_gates(
    unit: PreparedTransaction, list_id: UUID, gate_ids: Collection[UUID | None]
) -> None:
    """Raise `NotFound` for a gate of another list."""
    wanted = {id for id in gate_ids if id is not None}
    if not wanted:
        return
    rows: list[Any] = await GATES.fetch(unit.connection, list_id=list_id)
    if not wanted <= {row["id"] for row in rows}:
        raise NotFound(field=["gateId"])


async def read_clock(unit: UnitOfWork) -> datetime:
    """Return the time of the database at this statement."""
    row: Any = await CLOCK.fetch_one(await connection_of(unit))
    moment: datetime = row["moment"]
    return moment
