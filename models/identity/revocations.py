"""Revocations: sessions, users' rights and API tokens that ended early."""

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Column, Index, text
from sqlmodel import Field

from core.clock import now
from models.base import Row, enum_column, timestamp
from models.journal import Xid8
from models.personal_data import keep_rows

# Longer than any access token is valid (ACCESS_TOKEN_MINUTES is at most 60, the leeway 30 seconds).
REVOCATION_MINUTES = 65


class RevocationKind(StrEnum):
    """SESSION and TOKEN end what they name. USER ends only what is remembered of the user."""

    SESSION = "SESSION"
    USER = "USER"
    TOKEN = "TOKEN"  # noqa: S105 - no secret


def _default_end() -> datetime:
    return now() + timedelta(minutes=REVOCATION_MINUTES)


class Revocation(Row, table=True):
    """An order to every server process to stop accepting a session, token or cached role.

    It lasts until the last access token of the session has expired. `subject_id` is no foreign
    key: a revocation outlives its row. Processes find new rows by `xid`, as the live feed finds
    journal entries.
    """

    __table_args__ = (
        Index("revocation_xid_idx", "xid"),
        Index("revocation_expires_at_idx", "expires_at"),
    )
    __privacy__ = keep_rows(of="subject_id", id="subject_id", none="xid")

    kind: RevocationKind = enum_column(RevocationKind)
    subject_id: UUID
    xid: str | None = Field(
        default=None,
        sa_column=Column(Xid8, server_default=text("pg_current_xact_id()"), nullable=False),
    )
    expires_at: datetime = timestamp(default_factory=_default_end)
