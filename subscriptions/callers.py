"""Who calls: a person by an access token, a program by an API token, or nobody."""

import math
from dataclasses import replace

import structlog
from sqlalchemy.exc import SQLAlchemyError

from core import tokens
from core.keys import BadSignature, Keys, TokenEnded, WrongType
from models.api_tokens import ApiToken
from schema.context import Context, House
from services import api_tokens
from services.viewer import Viewer
from subscriptions.asking import Unfit

log = structlog.get_logger(__name__)


async def signed_in(caller: Context, authorization: str | None) -> Context:
    """The context of whoever the token names; of nobody, with the problem, if it is bad."""
    if not authorization:
        return caller
    token = authorization.partition(" ")[2] or authorization
    if token.startswith(tokens.PREFIX):
        viewer, expires = await _by_api_token(caller.house, token)
    else:
        viewer, expires = _by_access_token(caller.house.keys, token)
    return replace(caller, viewer=viewer, expires=expires)


def _by_access_token(keys: Keys, token: str) -> tuple[Viewer, float | None]:
    try:
        claims = keys.read_access(token)
    except TokenEnded:
        return Viewer(problem="The access token has ended. Refresh the session."), None
    except (BadSignature, WrongType):
        return Viewer(problem="This is not an access token of ours."), None
    return Viewer(claims.user_id, claims.session_id, claims.admin), float(claims.expires)


async def _by_api_token(house: House, secret: str) -> tuple[Viewer, float | None]:
    """One statement, and once a minute another. A token is never an admin's."""
    try:
        found = await _find(house, secret) if tokens.is_token(secret) else None
    except (SQLAlchemyError, OSError) as error:
        log.warning("api_token.unreadable", error=str(error))
        raise Unfit(503, "API tokens cannot be read right now. Try again in a moment.") from error
    if found is None:
        return Viewer(problem="This API token is unknown, has ended or was revoked."), None
    viewer = Viewer(found.user_id, found.id, scopes=frozenset(found.scopes))
    return viewer, found.expires_at.timestamp() if found.expires_at else math.inf


async def _find(house: House, secret: str) -> ApiToken | None:
    async with house.database.session() as session:
        found = await api_tokens.find_live(session, secret)
    if found and api_tokens.used_long_ago(found):
        async with house.transactions.begin() as session:
            await api_tokens.note_use(session, found)
    return found
