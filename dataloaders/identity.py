"""Loaders of users, their sessions, factors, accounts at providers and API tokens."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from engine.loaders import Loader, by_id, in_session, visible
from models.identity.accounts import User, UserSession
from models.identity.api_tokens import ApiToken
from models.identity.passkeys import Passkey
from models.identity.providers import ProviderIdentity
from services.identity.factors.factors import FactorSummary, summarize_factors
from services.identity.factors.passkeys import visible_passkeys
from services.identity.providers.provider_identities import (
    list_identities,
    visible_provider_identities,
)
from services.identity.sessions.session_list import visible_sessions
from services.identity.tokens.api_tokens import visible_api_tokens
from services.identity.visibility import visible_users
from services.viewer import Viewer

user_by_id = by_id(User)
visible_user = visible(User, visible_users)
visible_session = visible(UserSession, visible_sessions)
visible_api_token = visible(ApiToken, visible_api_tokens)
visible_passkey = visible(Passkey, visible_passkeys)
visible_provider_identity = visible(ProviderIdentity, visible_provider_identities)


async def _factors(
    session: AsyncSession, viewer: Viewer, ids: Sequence[UUID]
) -> Mapping[UUID, FactorSummary]:
    """Load the viewer's factors: those of others, and those of a program's user, stay unread."""
    if viewer.user_id is None or viewer.uses_api_token or viewer.user_id not in ids:
        return {}
    return {viewer.user_id: await summarize_factors(session, viewer.user_id)}


factors_of_user: Loader[UUID, FactorSummary | None] = Loader(in_session(_factors), None)


async def _providers(
    session: AsyncSession, viewer: Viewer, ids: Sequence[UUID]
) -> Mapping[UUID, Sequence[ProviderIdentity]]:
    """Load the viewer's accounts at providers, as `_factors` does."""
    if viewer.user_id is None or viewer.uses_api_token or viewer.user_id not in ids:
        return {}
    return {viewer.user_id: await list_identities(session, viewer)}


providers_of_user: Loader[UUID, Sequence[ProviderIdentity] | None] = Loader(
    in_session(_providers), None
)
