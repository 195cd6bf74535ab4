"""Statements as CSV, for programs of bookkeeping."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from core.csv_files import Cell, write_file
from core.money import decimal
from models.ledger.account_statements import AccountStatement, StatementLine
from models.ledger.accounts import WALLET_KINDS, AccountKind
from services.ledger.account_statements.wording import describe

COLUMNS = (
    "time",
    "kind",
    "description",
    "order",
    "about",
    "from",
    "to",
    "moved",
    "change",
    "balance",
    "currency",
)


def make_csv(statement: AccountStatement, lines: Sequence[StatementLine]) -> bytes:
    """Return a statement: a row for each balance, and between them one for each entry.

    Times have the offset of the statement's zone, which is that of its days.
    """
    return write_file(COLUMNS, _rows(statement, lines))


def _rows(statement: AccountStatement, lines: Sequence[StatementLine]) -> Iterator[Sequence[Cell]]:
    currency, balance = statement.currency, statement.opening
    since, until = statement.of.times
    yield _balance(since.isoformat(), "OPENING", balance, currency)
    for line in lines:
        balance += line.change
        yield (
            line.at.astimezone(statement.of.zone).isoformat(),
            line.kind.value,
            describe(statement.of.kind, line).template,
            line.number or "",
            f"{line.kind.subject} {line.subject_id}",
            _account(statement, line.debit),
            _account(statement, line.credit),
            Decimal(decimal(line.amount, currency)),
            Decimal(decimal(line.change, currency)),
            Decimal(decimal(balance, currency)),
            currency,
        )
    yield _balance(until.isoformat(), "CLOSING", statement.closing, currency)


def _balance(time: str, kind: str, amount: int, currency: str) -> Sequence[Cell]:
    empty = [""] * (len(COLUMNS) - 4)
    return [time, kind, *empty, Decimal(decimal(amount, currency)), currency]


def _account(statement: AccountStatement, kind: AccountKind) -> str:
    """Return an account. A vendor does not see whether a buyer paid from a wallet."""
    hidden = kind in WALLET_KINDS and kind not in statement.of.kind.accounts
    return AccountKind.UNCLAIMED.value if hidden else kind.value
