"""What users are told."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import UniqueConstraint

from models.base import Row, choice, moment, reference


class NotificationKind(StrEnum):
    """What happened, as the user is told of it."""

    VOUCHER_REDEEMED = "VOUCHER_REDEEMED"


class Notification(Row, table=True):
    """Something a user is told once. The mail's Message-ID is this row's id."""

    __table_args__ = (UniqueConstraint("kind", "subject_id"),)

    user_id: UUID = reference("user")
    kind: NotificationKind = choice(NotificationKind)
    subject_id: UUID
    mailed_at: datetime | None = moment(default=None)
