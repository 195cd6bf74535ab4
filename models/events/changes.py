"""Changes of a date that many make at once, which the pulse folds into one journal entry."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, Identity, Index, text
from sqlmodel import Field, SQLModel

from core.clock import now
from models.base import enum_column, foreign_key, timestamp
from models.events.ticket_types import ids_column
from models.journal import Xid8
from models.personal_data import of_others

MAX_CHANGED_IDS = 100


class EventChangeKind(StrEnum):
    """The kind of change: the ids are those of quotas, seats, tickets or scans."""

    QUOTAS = "QUOTAS"
    SEATS = "SEATS"
    SOLD = "SOLD"
    CANCELLED = "CANCELLED"
    SCANS = "SCANS"
    WAITLIST = "WAITLIST"


class EventChange(SQLModel, table=True):
    """A change of a date that the pulse has not announced yet.

    A row in the transaction of the change takes no lock that others wait for, as the topic of the
    journal would. The pulse takes only what no transaction in progress can precede, by `xid`.
    """

    __tablename__ = "event_change"
    __table_args__ = (
        CheckConstraint(f"cardinality(ids) <= {MAX_CHANGED_IDS}", name="ids"),
        Index("event_change_xid_idx", "event_date_id", "xid"),
    )
    __privacy__ = of_others(id="ids", none="id xid")

    id: int | None = Field(
        default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True)
    )
    event_date_id: UUID = foreign_key("event_date", index=False)
    kind: EventChangeKind = enum_column(EventChangeKind)
    ids: Sequence[UUID] = Field(default_factory=list, sa_column=ids_column())
    xid: str = Field(
        default=None,
        sa_column=Column(Xid8, server_default=text("pg_current_xact_id()"), nullable=False),
    )
    created_at: datetime = timestamp(default_factory=now)
