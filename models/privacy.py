"""Exports of an account's data, its deletion after a wait, and the ledger of erased accounts."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, UniqueConstraint
from sqlmodel import Field, SQLModel

from core.clock import now
from models.base import APPEND_ONLY, Row, foreign_key, json, timestamp
from models.errors import Refusal
from models.personal_data import delete_rows, retain_rows

EXPORT_HOURS = 72  # in which an export can be downloaded
DELETION_DAYS = 14  # between the request and the erasure
BLOCKED_HOURS = 24  # until an erasure that is not possible is tried again


def _export_end() -> datetime:
    return now() + timedelta(hours=EXPORT_HOURS)


class DataExport(Row, table=True):
    """A file with the data of an account. Its link is mailed when it is ready, and works once.

    It ends 72 hours after the request. The token is stored as SHA-256.
    """

    __tablename__ = "data_export"
    __table_args__ = (
        CheckConstraint("(ready_at IS NULL) = (size IS NULL) AND size > 0", name="size"),
        CheckConstraint(
            "downloaded_at IS NULL OR (ready_at IS NOT NULL AND downloaded_at <= expires_at)",
            name="downloaded_at",
        ),
    )
    __privacy__ = delete_rows(secrets="token_hash", none="size")

    user_id: UUID = foreign_key("user")
    token_hash: bytes | None = Field(default=None, unique=True)
    ready_at: datetime | None = timestamp(default=None)
    size: int | None = Field(default=None, sa_column=Column(BigInteger))
    downloaded_at: datetime | None = timestamp(default=None)
    expires_at: datetime = timestamp(default_factory=_export_end, index=True)

    @property
    def is_live(self) -> bool:
        """Whether it can still be downloaded, now or when it is ready."""
        return self.downloaded_at is None and self.expires_at > now()


def export_key(export_id: UUID) -> str:
    """Return the key of an export's object."""
    return f"exports/{export_id}"


def _due() -> datetime:
    return now() + timedelta(days=DELETION_DAYS)


class AccountDeletion(Row, table=True):
    """An account that is erased at `due_at`, unless its user cancels that.

    The link of the mail cancels it, and so does signing in. The token is stored as SHA-256.
    """

    __tablename__ = "account_deletion"
    __table_args__ = (
        UniqueConstraint("user_id"),
        CheckConstraint("due_at > created_at", name="due_at"),
    )
    __privacy__ = delete_rows(secrets="token_hash")

    user_id: UUID = foreign_key("user", index=False)
    due_at: datetime = timestamp(default_factory=_due)
    token_hash: bytes | None = Field(default=None, unique=True)


class Erasure(SQLModel, table=True):
    """An entry of the ledger: an account that was erased, and the rows that were kept of it.

    Triggers refuse updates and deletions. `user_id` is no foreign key, and a copy is in the
    object storage: after a restore of the database, `haat erase --replay` erases the account again.
    """

    __table_args__ = (
        CheckConstraint("requested_at <= erased_at", name="erased_at"),
        APPEND_ONLY,
    )
    __privacy__ = retain_rows(id="user_id", none="retained")

    user_id: UUID = Field(primary_key=True)
    requested_at: datetime = timestamp()
    erased_at: datetime = timestamp(default_factory=now)
    retained: dict[str, Any] = json()


ERASURES_FOLDER = "erasures/"


def ledger_key(user_id: UUID) -> str:
    """Return the key of the copy of a ledger entry, which has no other content."""
    return f"{ERASURES_FOLDER}{user_id}"


class OrdersOpen(Refusal):
    message = "You have orders that are not finished. Delete your account when they are."
    meaning = "The viewer has orders that are PENDING or CONFIRMED."
    remedy = "Show `message`, and the viewer's orders of these states."


class WalletNotEmpty(Refusal):
    message = "There is money in your wallet. Spend it first, or ask us to pay it out."
    meaning = "A wallet of the viewer has money, in any currency."
    remedy = "Show `message`, and the viewer's wallet."
