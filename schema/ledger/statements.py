"""Statements of vendors and wallets."""

from datetime import date, datetime
from typing import Any, Self, cast

import strawberry
from strawberry import relay

from core.keyset import Listing
from dataloaders.ledger import account_by_id
from engine.address_scalars import URL
from engine.connections import Connection, connection
from engine.context import Info
from engine.scalars import CurrencyCode, TimeZone
from engine.types import Rows, column, field, loaded
from models.ledger import accounts, entries
from models.ledger.account_statements import AccountStatement, StatementFormat
from schema.ledger.enums import AccountKind, PostingKind
from schema.ledger.types import WalletEntryConnection
from schema.money import Money, money_of
from services.ledger.account_statements.links import LINK_SECONDS, PATH, StatementLink
from services.ledger.account_statements.reading import list_statement_entries

EntryRoot = strawberry.Parent[entries.LedgerEntry]
StatementRoot = strawberry.Parent[AccountStatement]
MINUTES = LINK_SECONDS // 60
CSV, PDF = StatementFormat.CSV, StatementFormat.PDF


def _seen_by_vendor(account: accounts.LedgerAccount | None) -> AccountKind | None:
    """Return the kind of an account. A vendor does not see whether a buyer paid from a wallet."""
    if account is None:
        return None
    return AccountKind.UNCLAIMED if account.kind in accounts.WALLET_KINDS else account.kind


@strawberry.type(
    description="An amount that came into the earnings of a vendor, left them, or moved between"
    " their accounts. It never changes: a correction is another entry. Visible to the owners and"
    " managers of the vendor, and to admins."
)
class VendorEntry(Rows[entries.LedgerEntry]):
    created_at: datetime = column("The time of the entry.")

    @field(
        "A key of the entry, which no other one has.",
        needs=("posting", "leg"),
    )
    def entry_key(root: EntryRoot) -> str:
        return root.key

    @field("The reason.", needs=("posting",))
    def kind(root: EntryRoot) -> PostingKind:
        return root.posted.kind

    @field("The amount that moved.", needs=("amount", "currency"))
    def money(root: EntryRoot) -> Money:
        return money_of(root.amount, root.currency)

    @loaded(
        account_by_id,
        by="debit_id",
        description="The account that it left: the vendor's, or the platform's. UNCLAIMED for the"
        " payment of a buyer.",
    )
    def from_account(root: EntryRoot, account: accounts.LedgerAccount | None) -> AccountKind:
        return _seen_by_vendor(account) or AccountKind.UNCLAIMED

    @loaded(
        account_by_id,
        by="credit_id",
        description="The account that it came into: the vendor's, or the platform's.",
    )
    def to_account(root: EntryRoot, account: accounts.LedgerAccount | None) -> AccountKind:
        return _seen_by_vendor(account) or AccountKind.UNCLAIMED

    @field(
        "The id of the object that it is about, such as an order or a payout.", needs=("posting",)
    )
    def about_id(root: EntryRoot) -> relay.GlobalID:
        kind, subject_id, _ = root.posted
        return relay.GlobalID(kind.subject, str(subject_id))


@strawberry.type(description="An account of a statement.")
class StatementPart:
    kind: AccountKind = column("The kind of account.")
    opening: Money = column("The balance before the first day.")
    closing: Money = column("The balance after the last day.")


@strawberry.type
class StatementFields:
    """A base of statements, not a type of the schema."""

    currency: CurrencyCode = column("The currency.")

    @field("The first day.", needs=("of",))
    def from_day(root: StatementRoot) -> date:
        return root.of.period.first

    @field("The last day, which counts.", needs=("of",))
    def until_day(root: StatementRoot) -> date:
        return root.of.period.last

    @field("The time zone of the days.", needs=("of",))
    def time_zone(root: StatementRoot) -> TimeZone:
        return TimeZone(root.of.time_zone)

    @field("The sum of the balances before the first day.", needs=("opening", "currency"))
    def opening(root: StatementRoot) -> Money:
        return money_of(root.opening, root.currency)

    @field("The sum of the balances after the last day, or now.", needs=("closing", "currency"))
    def closing(root: StatementRoot) -> Money:
        return money_of(root.closing, root.currency)

    @field("The accounts that have had money.", needs=("parts", "currency"), size=4)
    def parts(root: StatementRoot) -> list[StatementPart]:
        return [
            StatementPart(
                kind=part.kind,
                opening=money_of(part.opening, root.currency),
                closing=money_of(part.closing, root.currency),
            )
            for part in root.parts
        ]

    @field(
        f"A link to the statement as CSV, for {MINUTES} minutes and at most {CSV.most:,} entries.",
        needs=("of",),
        cost=1,
    )
    def csv_url(root: StatementRoot, info: Info) -> URL:
        return _link_to(root, CSV, info)

    @field(
        f"A link to the statement as PDF, for {MINUTES} minutes and at most {PDF.most:,} entries.",
        needs=("of",),
        cost=1,
    )
    def pdf_url(root: StatementRoot, info: Info) -> URL:
        return _link_to(root, PDF, info)

    @classmethod
    def wrap(cls, statement: AccountStatement) -> Self:
        """Return the statement itself, typed as its GraphQL type."""
        return cast("Self", statement)


def _link_to(
    root: AccountStatement,
    format: StatementFormat,
    info: Info,
) -> URL:
    user_id = info.context.viewer.require_user()
    link = StatementLink.to(root.of, format, user_id).sign(info.context.app.keys)
    return URL(f"{info.context.app.settings.address}{link.under(PATH)}")


@strawberry.type(
    description="The earnings of a vendor in a period: what orders brought, what the platform kept,"
    " refunds and payouts. Visible to the owners and managers of the vendor, and to admins."
)
class VendorStatement(StatementFields):
    @connection(Connection[VendorEntry], "The entries of the period, newest first.")
    def entries(root: StatementRoot) -> Listing[Any]:
        return list_statement_entries(root.of)


@strawberry.type(
    description="A wallet in a period. Visible to the user, to the owners and managers of the"
    " vendor, and to admins."
)
class WalletStatement(StatementFields):
    @connection(WalletEntryConnection, "The entries of the period, newest first.")
    def entries(root: StatementRoot) -> Listing[Any]:
        return list_statement_entries(root.of)
