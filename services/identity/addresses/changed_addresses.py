"""The old and the new address of a change, which are sealed."""

from core.security.sealed import Sealer
from models.identity.addresses import EMAIL
from models.identity.email_changes import NEW_EMAIL_COLUMN, OLD_EMAIL_COLUMN, EmailChange


def seal_old_email(sealer: Sealer, change: EmailChange, email: str | None) -> None:
    """Store the address that an account gives up, with its hashes. None if it has none."""
    if email is None:
        change.old_email = change.old_lookup = change.next_old_lookup = None
        return
    lookup = sealer.lookup(EMAIL, email)
    change.old_email = sealer.seal(OLD_EMAIL_COLUMN, change.id, email.encode())
    change.old_lookup, change.next_old_lookup = lookup.oldest, lookup.newest


def seal_new_email(sealer: Sealer, change: EmailChange, email: str) -> None:
    change.new_email = sealer.seal(NEW_EMAIL_COLUMN, change.id, email.encode())


def find_old_email(sealer: Sealer, change: EmailChange) -> str | None:
    """Return the address that the account gave up, None if it had none."""
    if change.old_email is None:
        return None
    return sealer.open(OLD_EMAIL_COLUMN, change.id, change.old_email).decode()


def open_new_email(sealer: Sealer, change: EmailChange) -> str:
    return sealer.open(NEW_EMAIL_COLUMN, change.id, change.new_email).decode()
