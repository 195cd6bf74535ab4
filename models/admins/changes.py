"""Changes of admins, which one admin requests and another one confirms."""

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text

from core.clock import now
from models.base import Row, enum_column, foreign_key, optional_foreign_key, timestamp
from models.errors import Refusal
from models.identity.accounts import Role
from models.personal_data import keep_rows

CHANGE_HOURS = 24


class AdminAct(StrEnum):
    """Giving a user the rights of an admin, or taking them away."""

    GRANT = "GRANT"
    REVOKE = "REVOKE"

    @property
    def role(self) -> Role:
        """Return the role that the user has afterwards."""
        return Role.ADMIN if self is AdminAct.GRANT else Role.USER


class AdminChangeState(StrEnum):
    """`REQUESTED → CONFIRMED / WITHDRAWN / EXPIRED`."""

    REQUESTED = "REQUESTED"
    CONFIRMED = "CONFIRMED"
    WITHDRAWN = "WITHDRAWN"
    EXPIRED = "EXPIRED"


def _end() -> datetime:
    return now() + timedelta(hours=CHANGE_HOURS)


class AdminChange(Row, table=True):
    """A change of a user's role, which applies once a second admin confirms it.

    `decider_id` is the admin who confirmed or withdrew it. A user has at most one that is open.
    """

    __tablename__ = "admin_change"
    __table_args__ = (
        CheckConstraint("requester_id <> user_id", name="requester"),
        CheckConstraint("decider_id <> user_id", name="decider"),
        CheckConstraint("state <> 'CONFIRMED' OR decider_id <> requester_id", name="second_admin"),
        CheckConstraint(
            "(state IN ('CONFIRMED', 'WITHDRAWN')) = (decider_id IS NOT NULL)", name="decided"
        ),
        CheckConstraint("(state = 'REQUESTED') = (ended_at IS NULL)", name="ended_at"),
        CheckConstraint("state <> 'CONFIRMED' OR ended_at <= expires_at", name="in_time"),
        Index(
            "admin_change_open_key",
            "user_id",
            unique=True,
            postgresql_where=text("state = 'REQUESTED'"),
        ),
        Index("admin_change_user_id_idx", "user_id"),
        Index("admin_change_created_at_idx", "created_at", "id"),
    )

    __privacy__ = keep_rows()

    user_id: UUID = foreign_key("user", index=False)
    act: AdminAct = enum_column(AdminAct)
    state: AdminChangeState = enum_column(AdminChangeState, default=AdminChangeState.REQUESTED)
    requester_id: UUID = foreign_key("user")
    decider_id: UUID | None = optional_foreign_key("user")
    expires_at: datetime = timestamp(default_factory=_end)
    ended_at: datetime | None = timestamp(default=None)

    @property
    def is_open(self) -> bool:
        return self.state is AdminChangeState.REQUESTED and self.expires_at > now()

    def end(self, state: AdminChangeState, *, decider_id: UUID | None = None) -> None:
        self.state, self.decider_id, self.ended_at = state, decider_id, now()


class InvalidRole(Refusal):
    message = "The user has the role {role} already."
    meaning = "The user is an admin already (`grantAdmin`), or is no admin (`revokeAdmin`)."
    remedy = "Refetch the user's `role`."
