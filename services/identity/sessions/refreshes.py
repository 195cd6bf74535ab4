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
from typing import NamedTuple

import asyncpg
from sqlmodel import bindparam, col, func, insert, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import for_change
from core.ids import new_id
from core.limits.networks import place_of
from core.observability.caller import caller_device
from core.security.random_secrets import hash_secret
from core.security.signing_keys import SigningKeys
from core.statements.pairs import Triples
from core.statements.parameters import current_time
from core.statements.statement import Statement
from core.statements.units import PreparedTransaction
from models.audit import AuditAct
from models.identity.accounts import RefreshToken, SessionEnded, User, UserSession
from models.identity.known_networks import hash_network
from services.audit import entries as audit
from services.identity.security_notices import SecurityNotice, send_notice
from services.identity.sessions.sessions import (
    Lifetimes,
    Tokens,
    end_session,
    lock_session_of,
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

_HELD = Triples(UserSession, RefreshToken, User)
_THIS_TOKEN = col(RefreshToken.token_hash) == bindparam("token_hash")
HELD = (
    select(*_HELD.columns)
    .join(RefreshToken, col(RefreshToken.session_id) == UserSession.id)
    .join(User, col(User.id) == UserSession.user_id)
    .where(_THIS_TOKEN)
)
# Both rows are locked: a statement that has waited returns the current values of these alone.
LOCK = Statement(for_change(HELD, of=(UserSession, RefreshToken)), UserSession)
NEWEST = Statement(
    select(col(RefreshToken.used_at), col(RefreshToken.expires_at)).where(_THIS_TOKEN),
    RefreshToken,
)
_USED = (
    update(RefreshToken)
    .where(col(RefreshToken.id) == bindparam("used_id"))
    .values(used_at=current_time())
)
_ROTATED = (
    update(UserSession)
    .where(col(UserSession.id) == bindparam("of_session"))
    .values(
        rotations=col(UserSession.rotations) + 1,
        successor_salt=bindparam("salt"),
        rotated_by=bindparam("client"),
        rotated_from=bindparam("network"),
        idle_until=bindparam("until"),
        last_used_at=current_time(),
        device_name=bindparam("device"),
        place=bindparam("where"),
    )
)
ROTATE = Statement(
    insert(RefreshToken)
    .values(
        id=bindparam("new_id"),
        created_at=current_time(),
        session_id=bindparam("of_session"),
        token_hash=bindparam("successor_hash"),
        expires_at=bindparam("until"),
    )
    .add_cte(_USED.cte("used"), _ROTATED.cte("rotated"))
)
SHARE = Statement(
    update(RefreshToken)
    .where(col(RefreshToken.id) == bindparam("used_id"))
    .values(shared_at=func.coalesce(col(RefreshToken.shared_at), current_time()))
)
COUNT_SHARED = Statement(
    select(func.count().label("shared")).where(
        col(RefreshToken.session_id) == bindparam("of_session"),
        col(RefreshToken.shared_at) > bindparam("since"),
    )
)


async def refresh_session(
    unit: PreparedTransaction,
    refresh_token: str,
    keys: SigningKeys,
    lifetimes: Lifetimes,
    *,
    address: str,
    user_agent: str,
) -> Tokens | None:
    """Return new tokens for a refresh token. Raises `SessionEnded`.

    Returns None if the token was copied: one holder is not the user. Then call
    `end_stolen_session` in another transaction. The session is locked, so that two refreshes at
    once cannot both exchange the token.
    """
    connection = unit.connection
    rows = await LOCK.fetch(connection, token_hash=hash_secret(refresh_token))
    user_session, found, user = next(_HELD.of(rows), (None, None, None))
    if user_session is None or found is None or user is None:
        raise SessionEnded
    user_session.ensure_open()
    presented = _Presented(
        refresh_token, user_session, found, hash_network(user.id, address), _hash_client(user_agent)
    )
    newest: _Issued | None
    if found.used_at is None:
        newest = await _exchange(connection, presented, lifetimes, place_of(address))
    else:
        newest = await _repeat(connection, presented)
    if newest is None:
        return None
    return await sign_tokens(
        unit, user, user_session.id, newest.token, keys, lifetimes, rotation=newest.rotation
    )


async def end_stolen_session(session: AsyncSession, refresh_token: str) -> None:
    """End the session of a copied token for both holders, and mail the user.

    One of the holders is not the user. Does nothing if another refresh has ended it meanwhile.
    """
    user_session = await lock_session_of(session, refresh_token)
    if user_session is None or not user_session.is_open:
        return
    holder = Viewer(user_session.user_id, user_session.id)
    act = AuditAct.REFRESH_SESSION
    audit.append(session, holder, act, subject_id=holder.user_id, code=TOKEN_REUSED)
    await end_session(session, user_session)
    await send_notice(session, user_session.user_id, SecurityNotice.SESSION_STOLEN)


@dataclass(frozen=True)
class _Presented:
    """A refresh token, its rows, and its caller as hashes of the network and the client."""

    token: str
    session: UserSession
    row: RefreshToken
    network: bytes
    client: bytes


class _Issued(NamedTuple):
    """The refresh token of an answer, and the rotation that has issued it."""

    token: str
    rotation: int


async def _exchange(
    connection: asyncpg.Connection, presented: _Presented, lifetimes: Lifetimes, place: str | None
) -> _Issued:
    """Return the successor of the newest token, or the token itself if it is young.

    The device and the place are noted for the user's list.
    """
    user_session, row = presented.session, presented.row
    _ensure_not_expired(row)
    if now() - row.created_at < MIN_AGE:
        return _Issued(presented.token, user_session.rotations)
    salt = secrets.token_bytes(SALT_BYTES)
    successor = _derive_successor(presented.token, salt)
    await ROTATE.execute(
        connection,
        used_id=row.id,
        of_session=user_session.id,
        salt=salt,
        client=presented.client,
        network=presented.network,
        until=lifetimes.idle_until(user_session.ends_at),
        device=caller_device.get(),
        where=place,
        new_id=new_id(),
        successor_hash=hash_secret(successor),
    )
    return _Issued(successor, user_session.rotations + 1)


async def _repeat(connection: asyncpg.Connection, presented: _Presented) -> _Issued | None:
    """Return the successor of a used token again, or None if the token was copied.

    Only the direct predecessor of the newest token leads to an unused one.
    """
    user_session, row = presented.session, presented.row
    salt, used_at = user_session.successor_salt, row.used_at
    if salt is None or used_at is None or user_session.rotated_by != presented.client:
        return None
    successor = _derive_successor(presented.token, salt)
    newest = await NEWEST.fetch_one(connection, token_hash=hash_secret(successor))
    if newest is None or newest.used_at is not None:
        return None
    is_unconfirmed = user_session.confirmed < user_session.rotations
    is_late = now() - used_at >= GRACE
    if is_late and not is_unconfirmed:
        return None
    if is_late or user_session.rotated_from != presented.network:
        await SHARE.execute(connection, used_id=row.id)
        if await _count_shared(connection, user_session) > MAX_SHARED_ROTATIONS:
            return None
    _ensure_not_expired(newest)
    return _Issued(successor, user_session.rotations)


async def _count_shared(connection: asyncpg.Connection, user_session: UserSession) -> int:
    (row,) = await COUNT_SHARED.fetch(
        connection, of_session=user_session.id, since=now() - SHARED_WINDOW
    )
    return int(row["shared"])


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
