"""Notification preferences and quiet hours."""

from datetime import datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.base import Row, enum_column, foreign_key, open_enum_column
from models.errors import InvalidInput
from models.notifications.inbox import Channel, NotificationKind
from models.personal_data import delete_rows


class NotificationPreference(Row, table=True):
    """Whether a kind of notification is allowed on a channel. The default is yes."""

    __tablename__ = "notification_preference"
    __table_args__ = (UniqueConstraint("user_id", "kind", "channel"),)
    __privacy__ = delete_rows()

    user_id: UUID = foreign_key("user", index=False)
    kind: NotificationKind = open_enum_column(NotificationKind)
    channel: Channel = enum_column(Channel)
    allowed: bool


class QuietHours(SQLModel, table=True):
    """Daily quiet hours in the user's local time. An earlier `ends_at` spans midnight."""

    __tablename__ = "quiet_hours"
    __table_args__ = (CheckConstraint("starts_at <> ends_at", name="span"),)
    __privacy__ = delete_rows(personal="starts_at ends_at time_zone")

    user_id: UUID = foreign_key("user", primary_key=True, index=False)
    starts_at: time
    ends_at: time
    time_zone: str = Field(max_length=64)

    def ensure_valid(self) -> None:
        if self.starts_at == self.ends_at:
            raise InvalidInput(
                "Quiet hours must not start and end at the same time.",
                field=["quietHours", "endsAt"],
            )

    def end_after(self, moment: datetime) -> datetime:
        """Return the end of the quiet hours that contain the moment, else the moment.

        If clocks going back repeat the local end time, the next occurrence is the end; if going
        forward skips it, the end moves by the gap.
        """
        zone = ZoneInfo(self.time_zone)
        local = moment.astimezone(zone)
        clock = local.time()
        if not self._contain(clock):
            return moment
        day = local.date() + timedelta(days=1 if clock >= self.ends_at else 0)
        end = datetime.combine(day, self.ends_at, tzinfo=zone).astimezone(moment.tzinfo)
        if end > moment:
            return end
        return datetime.combine(day, self.ends_at.replace(fold=1), zone).astimezone(moment.tzinfo)

    def _contain(self, clock: time) -> bool:
        if self.starts_at < self.ends_at:
            return self.starts_at <= clock < self.ends_at
        return clock >= self.starts_at or clock < self.ends_at
