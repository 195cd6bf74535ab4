"""Which people waitlists of events show."""

from uuid import UUID

from sqlalchemy import ColumnElement, SQLColumnExpression
from sqlmodel import col

from core.database import exists_in
from models.events.dates import EventDate
from models.events.selling.waitlist import WaitlistEntry
from models.members import Permission
from services.vendors.access import works_at
from services.viewer import StaffRef, UserRef


def _sees_who_waits(
    user: UserRef, staff: StaffRef, person: SQLColumnExpression[UUID]
) -> ColumnElement[bool]:
    """Match users who wait, or waited, for tickets of a date of the user's vendors."""
    here = works_at(staff, col(EventDate.vendor_id), Permission.SEE_TICKETS)
    of_vendor = exists_in(EventDate, col(EventDate.id) == col(WaitlistEntry.event_date_id), here)
    return exists_in(WaitlistEntry, col(WaitlistEntry.user_id) == person, of_vendor)


SEEN = [_sees_who_waits]
