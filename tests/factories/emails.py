"""Email addresses of rows, which are sealed in them."""

from typing import Any, TypeVar
from uuid import UUID

from core.security.sealed import Sealer
from services.identity.addresses.sealed_addresses import AnyAddressed, seal_email

Addressed = TypeVar("Addressed", bound=AnyAddressed)
_GIVEN: dict[UUID, str] = {}


def give_email(sealer: Sealer, row: Addressed, email: str) -> Addressed:
    """Give a row an email address, which `email_of` returns. Returns the row."""
    seal_email(sealer, row, email)
    _GIVEN[row.id] = email
    return row


def email_of(row: Any) -> str:
    """Return the email address that a factory gave a row, wherever the keys are."""
    return _GIVEN[row.id]
