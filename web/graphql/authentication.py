"""Authentication with access tokens and API tokens."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import structlog

from core.errors import NotSignedIn, TooManyRequests
from core.outages import DATABASE_ERRORS
from core.security import tokens
from core.security.signing_keys import BadSignature, TokenExpired, WrongType
from engine.context import AppState, Context
from engine.errors.codes import Fault
from models.audit import AuditAct
from models.scopes import granted_by
from services.identity.sessions import browser_sessions
from services.identity.sessions.sessions import ENDED
from services.identity.tokens import api_tokens
from services.viewer import ANONYMOUS, Impersonator, Viewer
from web.graphql.graphql_request import BadRequest

SCHEME = "bearer"  # case-insensitive (RFC 9110, 11.1)
EXPIRED = "Your sign-in has expired. Sign in again."
NOT_VALID = "Your sign-in is not valid. Sign in again."
UNKNOWN_TOKEN = "This API token is unknown, expired or revoked. Use another one."  # noqa: S105 - no secret
FORGED = {NOT_VALID, UNKNOWN_TOKEN}  # not what an app has after its session ended
OTHER_SCHEME = "Your sign-in was not understood. Sign in again."

log = structlog.get_logger(__name__)


async def authenticate(context: Context, authorization: str | None) -> Context:
    """Add the token's viewer: anonymous, with a `problem`, if the token is bad."""
    if not authorization:
        return context
    scheme, _, token = authorization.strip().partition(" ")
    token = token.strip()
    if scheme.lower() != SCHEME:
        viewer, expires = Viewer(problem=OTHER_SCHEME), None
    elif token.startswith(tokens.PREFIX):
        viewer, expires = await _by_api_token(context, token)
    else:
        viewer, expires = await _by_access_token(context.app, token)
    if viewer.problem in FORGED:
        context.app.audit.refused(ANONYMOUS, AuditAct.USE_TOKEN, Fault.UNAUTHENTICATED)
    context.viewer, context.expires = viewer, expires
    return context


async def authenticate_browser(context: Context) -> Context:
    """Add the viewer of the cookie, or the `problem` of one that has no session.

    Such a cookie is deleted unless its session has just ended: the browser may have its successor
    already, which another tab got, and a response that deletes the one deletes the other.
    """
    browser = context.browser
    if browser is None or browser.cookie is None:
        return context
    try:
        found = await context.app.browser_lookups.find(
            browser.cookie, address=context.address, allowance=context.redis_allowance
        )
        if found and found.use_is_outdated:
            async with context.app.transactions.begin() as session:
                await browser_sessions.record_use(session, found.session_id)
        if found is None and not await context.app.browser_lookups.was_overtaken(browser.cookie):
            browser.keep(None)
    except DATABASE_ERRORS as error:
        raise _unverifiable("browser_session.unverifiable", error) from error
    except TooManyRequests as error:
        many = "This network has sent too many unknown cookies. Try again later."
        raise BadRequest(429, many, {"Retry-After": str(error.seconds)}) from error
    if found is None:
        return replace(context, viewer=Viewer(problem=ENDED))
    viewer = found.viewer()
    try:
        await ensure_session_valid(context.app, Viewer(found.user_id, found.session_id))
    except NotSignedIn:
        return replace(context, viewer=Viewer(problem=ENDED))
    if viewer.admin:
        viewer = replace(viewer, admin=await _is_admin(context.app, found.user_id))
    return replace(context, viewer=viewer, expires=found.expires)


async def ensure_session_valid(app: AppState, viewer: Viewer) -> None:
    """Raise `NotSignedIn` if the session or API token has ended, and 503 if that is unknown."""
    try:
        await app.revocations.ensure_valid(viewer)
    except DATABASE_ERRORS as error:
        raise _unverifiable("session.unverifiable", error) from error


async def _by_access_token(app: AppState, token: str) -> tuple[Viewer, float | None]:
    """Verify an access token without a query, except that of an admin."""
    try:
        claims = app.keys.read_access(token)
    except TokenExpired:
        return Viewer(problem=EXPIRED), None
    except (BadSignature, WrongType):
        return Viewer(problem=NOT_VALID), None
    viewer = Viewer(claims.user_id, claims.session_id)
    try:
        await ensure_session_valid(app, viewer)
    except NotSignedIn as ended:
        return Viewer(problem=ended.template, ended_session_id=claims.session_id), None
    if claims.impersonator_id is not None:
        until = datetime.fromtimestamp(claims.expires, UTC)
        viewer = replace(viewer, impersonator=Impersonator(claims.impersonator_id, until))
        return viewer, float(claims.expires)
    app.refresh_confirmations.note(claims.session_id, claims.rotation)
    if claims.enrols:
        viewer = Viewer.only_enrolling(claims.user_id, claims.session_id)
    elif claims.admin:
        viewer = replace(viewer, admin=await _is_admin(app, claims.user_id))
    return viewer, float(claims.expires)


async def _is_admin(app: AppState, user_id: UUID) -> bool:
    try:
        return await app.revocations.is_admin(user_id)
    except DATABASE_ERRORS as error:
        raise _unverifiable("role.unverifiable", error) from error


async def _by_api_token(context: Context, secret: str) -> tuple[Viewer, float | None]:
    """Look up an API token, which never has admin rights. Records its use every five minutes."""
    try:
        found = await context.app.token_lookups.find(
            secret, address=context.address, allowance=context.redis_allowance
        )
        if found and api_tokens.use_is_outdated(found):
            async with context.app.transactions.begin() as session:
                await api_tokens.record_use(session, found)
    except DATABASE_ERRORS as error:
        raise _unverifiable("api_token.unverifiable", error) from error
    except TooManyRequests as error:
        many = "This network has sent too many unknown API tokens. Try again later."
        raise BadRequest(429, many, {"Retry-After": str(error.seconds)}) from error
    if found is None:
        return Viewer(problem=UNKNOWN_TOKEN), None
    viewer = Viewer(found.user_id, found.id, scopes=granted_by(found.scopes))
    return viewer, found.expires_at.timestamp()


def _unverifiable(event: str, error: Exception) -> BadRequest:
    log.warning(event, error=str(error) or type(error).__name__)
    return BadRequest(503, "Your session cannot be verified right now. Try again in a moment.")
