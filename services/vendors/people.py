"""Which people a member of a vendor can see because of it."""

from uuid import UUID

from sqlalchemy import ColumnElement, SQLColumnExpression
from sqlmodel import col

from core.database import exists_in
from models.members import Permission
from models.vendors import VendorMember
from services.vendors.access import works_at
from services.viewer import StaffRef, UserRef

Condition = ColumnElement[bool] | bool


def is_colleague(
    staff: StaffRef, person: SQLColumnExpression[UUID], *conditions: Condition
) -> ColumnElement[bool]:
    here = works_at(staff, col(VendorMember.vendor_id), Permission.SEE_MEMBERS)
    return exists_in(VendorMember, col(VendorMember.user_id) == person, here, *conditions)


def _seen(user: UserRef, staff: StaffRef, person: SQLColumnExpression[UUID]) -> ColumnElement[bool]:
    return is_colleague(staff, person)


SEEN = [_seen]
