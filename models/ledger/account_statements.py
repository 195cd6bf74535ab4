"""Statements: the entries of an owner's accounts in a period, between two balances."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Self
from uuid import UUID
from zoneinfo import ZoneInfo

from models.errors import InvalidInput
from models.ledger.accounts import WALLET_KINDS, AccountKind
from models.ledger.entries import PostingKind

MAX_STATEMENT_DAYS = 366
VENDOR_KINDS = (
    AccountKind.V_PENDING,
    AccountKind.V_AVAILABLE,
    AccountKind.V_RESERVE,
    AccountKind.IN_TRANSIT,
)


class StatementKind(StrEnum):
    """The accounts of a statement: what a vendor earns, or a wallet."""

    EARNINGS = "EARNINGS"
    WALLET = "WALLET"

    @property
    def accounts(self) -> tuple[AccountKind, ...]:
        return VENDOR_KINDS if self is StatementKind.EARNINGS else WALLET_KINDS


class StatementFormat(StrEnum):
    """A file of a statement. It has at most so many entries: a PDF is for people."""

    most: int

    def __new__(cls, name: str, most: int) -> "StatementFormat":
        member = str.__new__(cls, name)
        member._value_ = name
        member.most = most
        return member

    CSV = "csv", 50_000
    PDF = "pdf", 2_000


@dataclass(frozen=True)
class DateRange:
    """Days from the first to the last, both of which count."""

    first: date
    last: date

    @classmethod
    def of(cls, first: date, last: date) -> Self:
        """Return the days. Raises `InvalidInput` if the last one is before the first one."""
        if last < first:
            raise InvalidInput("The last day is before the first one.", field=["untilDay"])
        return cls(first, last)

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def ensure_at_most(self, days: int) -> None:
        """Raise `InvalidInput` for a longer period."""
        if self.days > days:
            raise InvalidInput("Choose at most {most} days.", most=days, field=["untilDay"])

    def times(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """Return the time at which it begins in a time zone, and that at which it is over."""
        after = self.last + timedelta(days=1)
        return datetime.combine(self.first, time(), zone), datetime.combine(after, time(), zone)


@dataclass(frozen=True)
class StatementOf:
    """The accounts of an owner in a currency, and the days of a statement of them.

    The days are those in `time_zone`: of the vendor or the user.
    """

    kind: StatementKind
    owner_id: UUID
    of_vendor: bool
    currency: str
    time_zone: str
    period: DateRange

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def times(self) -> tuple[datetime, datetime]:
        return self.period.times(self.zone)


@dataclass(frozen=True)
class StatementPart:
    """One account of a statement, with its balances before the first and after the last day."""

    kind: AccountKind
    opening: int
    closing: int


@dataclass(frozen=True)
class AccountStatement:
    """A statement without its entries. The opening balance and their changes are the closing one.

    A movement between two of the accounts changes nothing.
    """

    of: StatementOf
    parts: Sequence[StatementPart]

    @property
    def currency(self) -> str:
        return self.of.currency

    @property
    def opening(self) -> int:
        return sum(part.opening for part in self.parts)

    @property
    def closing(self) -> int:
        return sum(part.closing for part in self.parts)


@dataclass(frozen=True)
class StatementLine:
    """An entry as a statement has it. `change` is that of all its accounts together.

    `number` is that of the order, if it is about one.
    """

    at: datetime
    kind: PostingKind
    subject_id: str
    debit: AccountKind
    credit: AccountKind
    amount: int
    change: int
    number: str | None

    @property
    def counterpart(self) -> AccountKind:
        """Return the account on the other side."""
        return self.debit if self.change > 0 else self.credit
