"""The journal: ordered changes per topic, which subscriptions replay."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Index, Text, text
from sqlalchemy.types import UserDefinedType
from sqlmodel import Field, SQLModel

from core.clock import now
from models.base import json, timestamp
from models.personal_data import of_others


class Xid8(UserDefinedType[str]):
    """PostgreSQL's 64-bit transaction id, which does not wrap around."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        return "xid8"


class Topic(SQLModel, table=True):
    """A stream of entries, such as `vendor:<id>`, and its last sequence number."""

    __privacy__ = of_others(id="topic", none="seq")

    topic: str = Field(sa_column=Column(Text(collation="C"), primary_key=True))
    seq: int = Field(sa_type=BigInteger)


class JournalEntry(SQLModel, table=True):
    """One change in a topic. `facts` holds ids and small values, never private text."""

    __tablename__ = "journal_entry"
    __table_args__ = (
        Index("journal_entry_xid_idx", "xid"),
        Index("journal_entry_created_at_idx", "created_at"),
    )
    __privacy__ = of_others(id="topic facts", none="seq kind xid")

    topic: str = Field(sa_column=Column(Text(collation="C"), primary_key=True))
    seq: int = Field(sa_type=BigInteger, primary_key=True)
    kind: str
    facts: dict[str, Any] = json()
    xid: str = Field(
        sa_column=Column(Xid8, server_default=text("pg_current_xact_id()"), nullable=False)
    )
    created_at: datetime = timestamp(default_factory=now)
