"""What users are told, and how much of it they have not looked at."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from models.base import Row, choice, moment, reference


class NotificationKind(StrEnum):
    """What happened, as the user is told of it."""

    VOUCHER_REDEEMED = "VOUCHER_REDEEMED"
    MESSAGE_RECEIVED = "MESSAGE_RECEIVED"


class Channel(StrEnum):
    """How somebody who isn't looking is reached."""

    PUSH = "PUSH"
    MAIL = "MAIL"


class Notification(Row, table=True):
    """Something a user is told once: of a voucher, or of a conversation up to a message of it.

    `count` is how many messages it tells of. `mailed_at` is of servers of the release before.
    """

    __table_args__ = (
        UniqueConstraint("user_id", "kind", "subject_id", "upto"),
        CheckConstraint("count >= 1", name="count"),
        Index("notification_user_id_idx", "user_id", "created_at", "id"),
        Index(
            "notification_unread_idx",
            "user_id",
            "created_at",
            "id",
            postgresql_where=text("read_at IS NULL"),
        ),
        Index("notification_created_at_idx", "created_at"),
    )

    user_id: UUID = reference("user", index=False)
    kind: NotificationKind = choice(NotificationKind)
    subject_id: UUID
    upto: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    count: int = Field(default=1, sa_column_kwargs={"server_default": "1"})
    read_at: datetime | None = moment(default=None)
    mailed_at: datetime | None = moment(default=None)


class NotificationInbox(SQLModel, table=True):
    """How many notifications a user has not read. Whoever changes that locks this row first."""

    __tablename__ = "notification_inbox"
    __table_args__ = (CheckConstraint("unread >= 0", name="unread"),)

    user_id: UUID = reference("user", primary_key=True, index=False)
    unread: int = 0
