"""Files of statements: read from the database first, and made without it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel.ext.asyncio.session import AsyncSession

from models.errors import NotFound
from models.identity.accounts import User
from models.ledger.account_statements import (
    AccountStatement,
    StatementFormat,
    StatementLine,
    StatementOf,
)
from models.vendors import Vendor
from services.ledger.account_statements.csv_file import make_csv
from services.ledger.account_statements.links import StatementLink
from services.ledger.account_statements.pdf_file import make_pdf
from services.ledger.account_statements.reading import (
    access_vendor_statement,
    access_wallet_statement,
    read_lines,
    read_statement,
)
from services.links import find_viewer


class TooManyEntries(Exception):
    """The period has more entries than a file of this format can have."""

    def __init__(self, format: StatementFormat) -> None:
        shorter = "Choose a shorter period"
        other = ", or download it as CSV" if format is StatementFormat.PDF else ""
        super().__init__(f"There are more than {format.most:,} entries. {shorter}{other}.")


@dataclass(frozen=True)
class StatementFile:
    """The content of a file. `title` is the name of the vendor or the user."""

    format: StatementFormat
    statement: AccountStatement
    lines: Sequence[StatementLine]
    title: str
    locale: str

    @property
    def name(self) -> str:
        of = self.statement.of
        days = f"{of.period.first}-{of.period.last}"
        return f"{of.kind.lower()}-{of.currency}-{days}.{self.format.value}"

    def make(self) -> bytes:
        if self.format is StatementFormat.CSV:
            return make_csv(self.statement, self.lines)
        return make_pdf(self.statement, self.lines, name=self.title, locale=self.locale)


async def read_file(session: AsyncSession, link: StatementLink) -> StatementFile:
    """Read what a link is for, with the rights of now. Raises `NotFound` and `TooManyEntries`.

    All is read at one moment, so the entries lead from one balance to the other.
    """
    await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    viewer = await find_viewer(session, link.user_id)
    if link.vendor_id is None:
        of = await access_wallet_statement(session, viewer, link.currency, link.period)
    else:
        of = await access_vendor_statement(session, viewer, link.vendor_id, link.period, link.kind)
    lines = await read_lines(session, of, most=link.format.most + 1)
    if len(lines) > link.format.most:
        raise TooManyEntries(link.format)
    title, locale = await _find_owner(session, of)
    statement = await read_statement(session, of)
    return StatementFile(link.format, statement, lines, title, locale)


async def _find_owner(session: AsyncSession, of: StatementOf) -> tuple[str, str]:
    """Return the name and the locale of the owner."""
    owner: Vendor | User | None
    if of.of_vendor:
        owner = await session.get(Vendor, of.owner_id)
    else:
        owner = await session.get(User, of.owner_id)
    if owner is None:
        raise NotFound
    return owner.name, owner.locale
