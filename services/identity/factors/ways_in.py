"""The ways in which an account can be signed in to, of which one must stay."""

from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import exists_in
from models.identity.accounts import User
from models.identity.factors import LastWayIn
from models.identity.passkeys import Passkey
from models.identity.providers import ProviderIdentity


async def ensure_other_way_in(session: AsyncSession, user_id: UUID, *, but: UUID) -> None:
    """Raise `LastWayIn` if the row `but` is the user's last way in, and there is no password.

    Call it with the user locked, or two requests could remove the last two.
    """
    has_password = exists_in(User, User.id == user_id, col(User.password_hash).is_not(None))
    has_passkey = exists_in(Passkey, Passkey.user_id == user_id, Passkey.id != but)
    has_provider = exists_in(
        ProviderIdentity, ProviderIdentity.user_id == user_id, ProviderIdentity.id != but
    )
    if not any((await session.exec(select(has_password, has_passkey, has_provider))).one()):
        raise LastWayIn
