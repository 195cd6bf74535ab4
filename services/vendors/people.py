"""Which people a member of a vendor can see because of it."""

from uuid import UUID

from sqlalchemy import ColumnElement, SQLColumnExpression
from sqlmodel import col

from core.database import exists_in
from models.members import Permission
from models.vendors import VendorMember
from services.vendors.access import works_at
from services.viewer import UserRef

Condition = ColumnElement[bool] | bool


def is_colleague(
    user: UserRef, person: SQLColumnExpression[UUID], *conditions: Condition
) -> ColumnElement[bool]:
    here = works_at(user, col(VendorMember.vendor_id), Permission.SEE_MEMBERS)
    return exists_in(VendorMember, col(VendorMember.user_id) == person, here, *conditions)


SEEN = [is_colleague]
