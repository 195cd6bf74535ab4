"""Authentication with access tokens and API tokens."""

import math
from dataclasses import replace

import structlog

from core.outages import DATABASE_ERRORS
from core.security import tokens
from core.security.signing_keys import BadSignature, SigningKeys, TokenExpired, WrongType
from engine.context import AppState, Context
from models.identity.api_tokens import ApiToken
from services.identity import api_tokens
from services.viewer import Viewer
from web.graphql.graphql_request import BadRequest

log = structlog.get_logger(__name__)


async def authenticate(context: Context, authorization: str | None) -> Context:
    """Add the token's viewer: anonymous, with a `problem`, if the token is bad."""
    if not authorization:
        return context
    token = authorization.partition(" ")[2] or authorization
    if token.startswith(tokens.PREFIX):
        viewer, expires = await _by_api_token(context.app, token)
    else:
        viewer, expires = _by_access_token(context.app.keys, token)
    return replace(context, viewer=viewer, expires=expires)


def _by_access_token(keys: SigningKeys, token: str) -> tuple[Viewer, float | None]:
    try:
        claims = keys.read_access(token)
    except TokenExpired:
        return Viewer(problem="The access token has expired. Refresh the session."), None
    except (BadSignature, WrongType):
        return Viewer(problem="This access token is not valid. Sign in again."), None
    return Viewer(claims.user_id, claims.session_id, claims.admin), float(claims.expires)


async def _by_api_token(app: AppState, secret: str) -> tuple[Viewer, float | None]:
    """Look up an API token, which never has admin rights. Records its use once a minute."""
    try:
        found = await _find(app, secret) if tokens.is_token(secret) else None
    except DATABASE_ERRORS as error:
        log.warning("api_token.lookup_failed", error=str(error))
        raise BadRequest(
            503, "API tokens cannot be verified right now. Try again in a moment."
        ) from error
    if found is None:
        return Viewer(
            problem="This API token is unknown, expired or revoked. Use another one."
        ), None
    viewer = Viewer(found.user_id, found.id, scopes=frozenset(found.scopes))
    return viewer, found.expires_at.timestamp() if found.expires_at else math.inf


async def _find(app: AppState, secret: str) -> ApiToken | None:
    async with app.database.session() as session:
        found = await api_tokens.find_live(session, secret)
    if found and api_tokens.use_is_outdated(found):
        async with app.transactions.begin() as session:
            await api_tokens.record_use(session, found)
    return found
