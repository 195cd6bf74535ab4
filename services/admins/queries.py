"""Lists of users for admins."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, false, select

from core.errors import BadInput
from core.keyset import Listing, newest_first
from core.security.sealed import Sealer
from core.text import clean_line
from models.identity.accounts import Role, User, UserState
from models.identity.phones import PHONE, Phone
from services.identity.addresses.sealed_addresses import has_email, lookup_email
from services.viewer import Viewer

MIN_SEARCH_LENGTH, MAX_SEARCH_LENGTH = 2, 80


@dataclass(frozen=True)
class UserFilter:
    """Conditions of a list of users; all of them must hold. `until` is exclusive.

    The email address and the phone number are in normal form. An empty one matches no
    user: it is of a text that is none.
    """

    email: str | None = None
    phone: str | None = None
    state: UserState | None = None
    role: Role | None = None
    since: datetime | None = None
    until: datetime | None = None
    name: str | None = None


def list_users(viewer: Viewer, sealer: Sealer, wanted: UserFilter) -> Listing[User]:
    """List users, the newest first. Only admins can do this.

    Addresses and numbers are stored sealed: one is found by its keyed hash, so only as a whole.
    """
    viewer.require_admin()
    rows = select(User)
    if wanted.email is not None:
        rows = rows.where(has_email(User, lookup_email(sealer, wanted.email)))
    if wanted.phone is not None:
        has_number = Phone.has_number(sealer.lookup(PHONE, wanted.phone))
        rows = rows.where(col(User.id).in_(select(Phone.user_id).where(has_number)))
    if "" in {wanted.email, wanted.phone}:
        rows = rows.where(false())
    if wanted.state is not None:
        rows = rows.where(User.state == wanted.state)
    if wanted.role is not None:
        rows = rows.where(User.role == wanted.role)
    if wanted.since is not None:
        rows = rows.where(col(User.created_at) >= wanted.since)
    if wanted.until is not None:
        rows = rows.where(col(User.created_at) < wanted.until)
    if wanted.name is not None:
        rows = rows.where(col(User.name).icontains(_part(wanted.name), autoescape=True))
    return Listing(rows, newest_first(User, search=wanted.name))


def _part(name: str) -> str:
    """Return the part of a name to look for. Raises `BadInput`."""
    part = clean_line(name[: 2 * MAX_SEARCH_LENGTH])
    if not MIN_SEARCH_LENGTH <= len(part) <= MAX_SEARCH_LENGTH:
        raise BadInput(
            "Search for {least} to {most} characters of the name.",
            least=MIN_SEARCH_LENGTH,
            most=MAX_SEARCH_LENGTH,
        )
    return part
