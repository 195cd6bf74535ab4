"""Email addresses in rows: sealed with the hashes by which they are found, opened, compared."""

from typing import Any

from sqlalchemy import ColumnElement
from sqlmodel import col, or_

from core.security.sealed import Lookup, Sealer
from models.identity.accounts import User
from models.identity.addresses import EMAIL
from models.identity.admin_invitations import AdminInvitation
from models.identity.password_resets import PasswordReset
from models.identity.providers import ProviderFlow
from models.identity.registrations import Registration
from models.members import MemberInvitation
from models.sealed_columns import sealed_name

Addressed = AdminInvitation | MemberInvitation | PasswordReset | Registration
AnyAddressed = Addressed | ProviderFlow | User


def seal_email(sealer: Sealer, row: AnyAddressed, email: str) -> None:
    """Give a row an address in normal form, with its hashes."""
    lookup = sealer.lookup(EMAIL, email)
    row.email = sealer.seal(sealed_name(row, "email"), row.id, email.encode())
    row.email_lookup, row.next_email_lookup = lookup.oldest, lookup.newest


def clear_email(user: User) -> None:
    """Take the address from a user."""
    user.email = user.email_lookup = user.next_email_lookup = None


def open_email(sealer: Sealer, row: Addressed) -> str:
    """Return the address of a row that always has one."""
    return sealer.open(sealed_name(row, "email"), row.id, row.email).decode()


def find_email(sealer: Sealer, row: ProviderFlow | User) -> str | None:
    """Return the address of a row, None if it has none."""
    if row.email is None:
        return None
    return sealer.open(sealed_name(row, "email"), row.id, row.email).decode()


def lookup_email(sealer: Sealer, email: str) -> Lookup:
    """Return the hashes of an address in normal form."""
    return sealer.lookup(EMAIL, email)


def lookup_of(row: AnyAddressed) -> Lookup:
    """Return the hashes of the address of a row. Those of a row without one match nothing."""
    return Lookup(row.email_lookup or b"", row.next_email_lookup or b"")


def has_email(table: type[AnyAddressed], email: Lookup) -> ColumnElement[bool]:
    """Return the condition that a row has an address."""
    return or_(
        col(table.email_lookup) == email.oldest, col(table.next_email_lookup) == email.newest
    )


def have_same_email(one: Any, other: Any) -> ColumnElement[bool]:
    """Return the condition that the joined rows of two tables have one address."""
    return or_(
        col(one.email_lookup) == col(other.email_lookup),
        col(one.next_email_lookup) == col(other.next_email_lookup),
    )
