"""Which users a user can see, by rules that the domains in which people meet declare."""

from collections.abc import Callable, Sequence
from functools import cache
from uuid import UUID

from sqlalchemy import ColumnElement, SQLColumnExpression
from sqlmodel import col, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from models.identity.accounts import User
from services.declarations import find_declarations
from services.viewer import StaffRef, UserRef, Viewer

Rule = Callable[[UserRef, StaffRef, SQLColumnExpression[UUID]], ColumnElement[bool]]


@cache
def rules() -> Sequence[Rule]:
    """Return the predicates that `services/<domain>/people.py` lists as `SEEN`."""
    return find_declarations("people", "SEEN")


def visible_users(viewer: Viewer) -> SelectOfScalar[User]:
    """Select the viewer, and the people whom a rule shows them in their role. Admins see all."""
    if viewer.admin:
        return select(User)
    seen = [rule(viewer.user_id, viewer.staff, col(User.id)) for rule in rules()]
    return select(User).where(or_(User.id == viewer.user_id, *seen))
