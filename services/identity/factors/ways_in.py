"""The ways in which an account can be signed in to, of which one must stay."""

from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import exists_in
from models.identity.accounts import User
from models.identity.factors import LastWayIn
from models.identity.passkeys import Passkey
from models.identity.phones import Phone
from models.identity.providers import ProviderIdentity

HAS_EMAIL = col(User.email).is_not(None)


async def ensure_other_way_in(session: AsyncSession, user_id: UUID, *, but: UUID) -> None:
    """Raise `LastWayIn` if the row `but` is the user's last way in: no password, and no number.

    A number counts only without an email address: with one, it signs in only while it is used.

    Call it with the user locked, or two requests could remove the last two.
    """
    has_password = exists_in(User, User.id == user_id, col(User.password_hash).is_not(None))
    has_passkey = exists_in(Passkey, Passkey.user_id == user_id, Passkey.id != but)
    has_provider = exists_in(
        ProviderIdentity, ProviderIdentity.user_id == user_id, ProviderIdentity.id != but
    )
    has_phone = exists_in(
        Phone, Phone.user_id == user_id, ~exists_in(User, User.id == user_id, HAS_EMAIL)
    )
    ways = select(has_password, has_passkey, has_provider, has_phone)
    if not any((await session.exec(ways)).one()):
        raise LastWayIn


async def has_way_in_without_phone(session: AsyncSession, user_id: UUID) -> bool:
    """Return whether a user can sign in without their number. With an email address, by a reset."""
    has_email = exists_in(User, User.id == user_id, HAS_EMAIL)
    has_passkey = exists_in(Passkey, Passkey.user_id == user_id)
    has_provider = exists_in(ProviderIdentity, ProviderIdentity.user_id == user_id)
    return any((await session.exec(select(has_email, has_passkey, has_provider))).one())
