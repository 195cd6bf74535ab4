"""Access to check-in lists, scans and scanners, for the members of their vendors."""

from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.database import for_change
from core.keyset import Listing, newest_first
from models.errors import NotFound
from models.events.check_in.lists import CheckInGate, CheckInList
from models.events.check_in.scanners import Scanner
from models.events.check_in.scans import Scan
from models.events.dates import EventDate
from models.members import Permission
from services.events.access import access_managed_date
from services.journal.topics import check_in_topic
from services.vendors.access import access_vendor, works_at
from services.viewer import Viewer


def _dates_at_work(viewer: Viewer) -> SelectOfScalar[UUID]:
    own = works_at(viewer.staff, col(EventDate.vendor_id), Permission.CHECK_IN)
    return select(EventDate.id).where(own)


def visible_lists(viewer: Viewer) -> SelectOfScalar[CheckInList]:
    """Select the check-in lists of the viewer's vendors. Admins see all."""
    if viewer.admin:
        return select(CheckInList)
    return select(CheckInList).where(col(CheckInList.event_date_id).in_(_dates_at_work(viewer)))


def visible_gates(viewer: Viewer) -> SelectOfScalar[CheckInGate]:
    lists = visible_lists(viewer).with_only_columns(col(CheckInList.id))
    return select(CheckInGate).where(col(CheckInGate.list_id).in_(lists))


def visible_scans(viewer: Viewer) -> SelectOfScalar[Scan]:
    lists = visible_lists(viewer).with_only_columns(col(CheckInList.id))
    return select(Scan).where(col(Scan.list_id).in_(lists))


def visible_scanners(viewer: Viewer) -> SelectOfScalar[Scanner]:
    """Select the scanners of the vendors whose devices the viewer manages. Admins see all."""
    if viewer.admin:
        return select(Scanner)
    own = works_at(viewer.staff, col(Scanner.vendor_id), Permission.MANAGE_SCANNERS)
    return select(Scanner).where(own)


def list_scans(list_id: UUID, *, conflicts: bool = False) -> Listing[Scan]:
    """List the scans on a list that the viewer sees, the newest first."""
    rows = select(Scan).where(Scan.list_id == list_id)
    if conflicts:
        rows = rows.where(col(Scan.anomaly).is_not(None))
    topics = [check_in_topic(list_id)]
    return Listing(rows, newest_first(Scan, col(Scan.received_at)), topics=topics)


def list_scanners(viewer: Viewer, vendor_id: UUID) -> Listing[Scanner]:
    """List the scanners of a vendor, also revoked ones, the newest first."""
    viewer.require_user()
    rows = visible_scanners(viewer).where(Scanner.vendor_id == vendor_id)
    return Listing(rows, newest_first(Scanner))


async def find_vendor_of_list(session: AsyncSession, list_id: UUID) -> UUID | None:
    """Return the id of the vendor of a list, which never changes. None without a list."""
    rows = (
        select(EventDate.vendor_id)
        .join(CheckInList, col(CheckInList.event_date_id) == EventDate.id)
        .where(CheckInList.id == list_id)
    )
    return (await session.exec(rows)).first()


async def access_managed_list(
    session: AsyncSession, viewer: Viewer, list_id: UUID
) -> tuple[EventDate, CheckInList]:
    """Return a check-in list that the viewer manages, and its date. Both are locked."""
    viewer.require_user()
    rows = select(CheckInList.event_date_id).where(CheckInList.id == list_id)
    event_date_id = (await session.exec(rows)).first()
    if event_date_id is None:
        raise NotFound
    permission = Permission.MANAGE_SCANNERS
    _, date = await access_managed_date(session, viewer, event_date_id, permission)
    lists = select(CheckInList).where(CheckInList.id == list_id)
    return date, (await session.exec(for_change(lists))).one()


async def access_managed_scanner(
    session: AsyncSession, viewer: Viewer, scanner_id: UUID
) -> Scanner:
    """Return a scanner that the viewer manages, locked. The vendor is locked shared."""
    viewer.require_user()
    rows = select(Scanner.vendor_id).where(Scanner.id == scanner_id)
    vendor_id = (await session.exec(rows)).first()
    if vendor_id is None:
        raise NotFound
    await access_vendor(session, viewer, vendor_id, Permission.MANAGE_SCANNERS)
    scanners = select(Scanner).where(Scanner.id == scanner_id)
    return (await session.exec(for_change(scanners))).one()
