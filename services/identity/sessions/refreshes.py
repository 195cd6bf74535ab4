"""Refreshes of sessions: rotation of the refresh token, retries, and detection of theft.

A refresh token is exchanged once. Honest clients still send one twice: two tabs refresh at once, or
an answer is lost. Then they get the same successor again. A thief and the user share the tokens of
one session in the same way, so this is limited to cases in which no second holder gains anything:

- a token younger than 30 seconds is returned instead of exchanged, so that slow tabs converge;
- only the direct predecessor of the newest token is accepted, only from the client that exchanged
  it, and only for 30 seconds or while no access token of its successor was used;
- of the rotations in a day, three are repeated after these 30 seconds or from another network.

Everything else is a copy, and ends the session. The last rule is needed because a thief who
refreshes before the user, and does not use the new access token, looks like a lost answer. Only a
thief with the network and the client of the user, who is within 30 seconds of each of the user's
refreshes, remains: that is how a second tab behaves.
"""

import hashlib
import hmac
import re
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import timedelta

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.limits.networks import place_of
from core.observability.caller import caller_device
from core.security.signing_keys import SigningKeys
from models.audit import AuditAct
from models.identity.accounts import RefreshToken, SessionEnded, UserSession
from models.identity.known_networks import hash_network
from services.audit import entries as audit
from services.identity.security_notices import SecurityNotice, send_notice
from services.identity.sessions.sessions import (
    Lifetimes,
    Tokens,
    add_refresh_token,
    end_session,
    find_refresh_token,
    lock_session_of,
    read_token_and_user,
    sign_tokens,
)
from services.viewer import Viewer

MIN_AGE = timedelta(seconds=30)  # of a token that is exchanged
GRACE = timedelta(seconds=30)  # for a repeat, although a token of the successor was used
MAX_SHARED_ROTATIONS = 3  # in SHARED_WINDOW, repeated by another network or after GRACE
SHARED_WINDOW = timedelta(days=1)
SALT_BYTES = 32
TOKEN_REUSED = "REFRESH_TOKEN_REUSED"  # noqa: S105 - no secret
VERSIONS = re.compile(r"/\S*|[\d._]+")


async def refresh_session(
    session: AsyncSession,
    refresh_token: str,
    keys: SigningKeys,
    lifetimes: Lifetimes,
    *,
    address: str,
    user_agent: str,
) -> Tokens | None:
    """Return new tokens for a refresh token. Raises `SessionEnded`.

    Returns None if the token was copied: one holder is not the user, so the session ends for both.
    That must be committed, so it is not raised. The session is locked, so that two refreshes at
    once cannot both exchange the token.
    """
    user_session = await lock_session_of(session, refresh_token)
    if user_session is None:
        raise SessionEnded
    found, user = await read_token_and_user(session, refresh_token)
    user_session.ensure_open()
    origin = _Origin(hash_network(user_session.user_id, address), _hash_client(user_agent))
    newest: str | None
    if found.used_at is None:
        newest = _exchange(session, user_session, found, refresh_token, lifetimes, origin)
        _note_use(user_session, address)
    else:
        newest = await _repeat(session, user_session, found, refresh_token, origin)
    if newest is None:
        await _end_stolen(session, user_session)
        return None
    return await sign_tokens(session, user, user_session, newest, keys, lifetimes)


@dataclass(frozen=True)
class _Origin:
    """The caller of a refresh, as hashes of its network and its client."""

    network: bytes
    client: bytes


def _exchange(
    session: AsyncSession,
    user_session: UserSession,
    found: RefreshToken,
    refresh_token: str,
    lifetimes: Lifetimes,
    origin: _Origin,
) -> str:
    """Return the successor of the newest token, or the token itself if it is young."""
    moment = now()
    _ensure_not_expired(found)
    if moment - found.created_at < MIN_AGE:
        return refresh_token
    found.used_at = moment
    user_session.rotations += 1
    user_session.successor_salt = secrets.token_bytes(SALT_BYTES)
    user_session.rotated_by, user_session.rotated_from = origin.client, origin.network
    successor = _derive_successor(refresh_token, user_session.successor_salt)
    add_refresh_token(session, user_session, successor, lifetimes)
    return successor


async def _repeat(
    session: AsyncSession,
    user_session: UserSession,
    found: RefreshToken,
    refresh_token: str,
    origin: _Origin,
) -> str | None:
    """Return the successor of a used token again, or None if the token was copied.

    Only the direct predecessor of the newest token leads to an unused one.
    """
    salt, used_at = user_session.successor_salt, found.used_at
    if salt is None or used_at is None or user_session.rotated_by != origin.client:
        return None
    successor = _derive_successor(refresh_token, salt)
    newest = await find_refresh_token(session, successor)
    if newest is None or newest.used_at is not None:
        return None
    is_unconfirmed = user_session.confirmed < user_session.rotations
    is_late = now() - used_at >= GRACE
    if is_late and not is_unconfirmed:
        return None
    if is_late or user_session.rotated_from != origin.network:
        found.shared_at = found.shared_at or now()
        if await _count_shared(session, user_session) > MAX_SHARED_ROTATIONS:
            return None
    _ensure_not_expired(newest)
    return successor


async def _count_shared(session: AsyncSession, user_session: UserSession) -> int:
    rows = select(func.count()).where(
        RefreshToken.session_id == user_session.id,
        col(RefreshToken.shared_at) > now() - SHARED_WINDOW,
    )
    return (await session.exec(rows)).one()


def _note_use(user_session: UserSession, address: str) -> None:
    """Note the device and the place, for the user's list. Not at every repeat."""
    if now() - user_session.last_used_at >= MIN_AGE:
        user_session.last_used_at = now()
        user_session.device_name, user_session.place = caller_device.get(), place_of(address)


async def _end_stolen(session: AsyncSession, user_session: UserSession) -> None:
    """End a session for both holders, of whom one is not the user, and mail the user."""
    holder = Viewer(user_session.user_id, user_session.id)
    act = AuditAct.REFRESH_SESSION
    audit.append(session, holder, act, subject_id=holder.user_id, code=TOKEN_REUSED)
    await end_session(session, user_session)
    await send_notice(session, user_session.user_id, SecurityNotice.SESSION_STOLEN)


def _ensure_not_expired(token: RefreshToken) -> None:
    if token.expires_at <= now():
        raise SessionEnded


def _derive_successor(refresh_token: str, salt: bytes) -> str:
    """Return the token that replaces a token, the same at each call.

    Only a holder of the token can derive it: the database has the salt, but no token.
    """
    derived = hmac.digest(refresh_token.encode(), salt, hashlib.sha256)
    return urlsafe_b64encode(derived).rstrip(b"=").decode()


def _hash_client(user_agent: str) -> bytes:
    """Return the SHA-256 of a `User-Agent` without versions, which updates change."""
    return hashlib.sha256(VERSIONS.sub("", user_agent).encode()).digest()
