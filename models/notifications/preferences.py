"""What a user wants to be told, how, and when not."""

from datetime import datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.base import Row, enum_column, foreign_key
from models.errors import InvalidInput
from models.notifications.inbox import Channel, NotificationKind


class NotificationPreference(Row, table=True):
    """Whether a user wants one kind on one channel. Without a row they do."""

    __tablename__ = "notification_preference"
    __table_args__ = (UniqueConstraint("user_id", "kind", "channel"),)

    user_id: UUID = foreign_key("user", index=False)
    kind: NotificationKind = enum_column(NotificationKind)
    channel: Channel = enum_column(Channel)
    allowed: bool


class QuietHours(SQLModel, table=True):
    """When a user is left alone, by the clock on their wall; past midnight if it ends earlier."""

    __tablename__ = "quiet_hours"
    __table_args__ = (CheckConstraint("starts_at <> ends_at", name="span"),)

    user_id: UUID = foreign_key("user", primary_key=True, index=False)
    starts_at: time
    ends_at: time
    time_zone: str = Field(max_length=64)

    def ensure_valid(self) -> None:
        if self.starts_at == self.ends_at:
            raise InvalidInput(
                "Quiet hours end at another time than they begin.", field=["quietHours", "endsAt"]
            )

    def end_after(self, moment: datetime) -> datetime:
        """When they are over, for a moment within them; else the moment itself.

        A clock that is put back shows some times twice: the end is the next one to come. One
        that is put forward leaves some out: an end among those is as much later.
        """
        zone = ZoneInfo(self.time_zone)
        there = moment.astimezone(zone)
        clock = there.time()
        if not self._hold(clock):
            return moment
        day = there.date() + timedelta(days=1 if clock >= self.ends_at else 0)
        end = datetime.combine(day, self.ends_at, tzinfo=zone).astimezone(moment.tzinfo)
        if end > moment:
            return end
        return datetime.combine(day, self.ends_at.replace(fold=1), zone).astimezone(moment.tzinfo)

    def _hold(self, clock: time) -> bool:
        if self.starts_at < self.ends_at:
            return self.starts_at <= clock < self.ends_at
        return clock >= self.starts_at or clock < self.ends_at
