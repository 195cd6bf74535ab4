"""One-time codes of an app (RFC 6238): set up, compared once each, and limited in tries."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from uuid import UUID

import pyotp
from pyotp.exceptions import OTPVerificationError
from sqlalchemy import text
from sqlmodel import col, delete, func, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import for_change
from core.errors import TooManyRequests
from core.security import codes
from core.security.sealed import Sealer
from models.audit import AuditAct
from models.identity.accounts import User
from models.identity.factors import (
    MAX_WRONG_CODES,
    MAX_WRONG_CODES_WITH_MAIL,
    WRONG_CODE_HOURS,
    FactorMissing,
    FactorWrong,
    SetupEnded,
    TotpFactor,
)
from services.audit import entries as audit
from services.identity.addresses.sealed_addresses import find_email
from services.identity.factors.factors import find_factors, note_new_factor, note_removed_factor
from services.identity.factors.recovery_codes import replace_recovery_codes
from services.identity.security_notices import SecurityNotice, send_notice
from services.viewer import Viewer

COLUMN = "totp.secret"
ISSUER = "Haat"
STEP_WINDOW = 1  # steps of 30 seconds before and after the current one, for slow clocks

# The times are in order, so if one counts, all later ones do: enough of them are too many.
TOO_MANY = "coalesce(tried_at[cardinality(tried_at) + 1 - CAST(:most AS int)] > :since, false)"
COUNT_TRY = text(
    f"""
    UPDATE totp SET tried_at = array_append(
        tried_at[greatest(1, cardinality(tried_at) - {MAX_WRONG_CODES_WITH_MAIL - 2}):],
        CAST(:at AS timestamptz)
    )
    WHERE user_id = :user_id AND confirmed_at IS NOT NULL AND NOT {TOO_MANY}
    RETURNING id, secret, {TOO_MANY}
    """  # noqa: S608 - the texts are ours
)


@dataclass(frozen=True)
class TotpSetup:
    """The secret of a new app, and the URI of its QR code."""

    secret: str
    uri: str


@dataclass(frozen=True)
class TotpTry:
    """A code that is about to be compared. It counts as wrong until it is accepted."""

    factor_id: UUID
    sealed: bytes
    at: datetime
    is_last: bool


async def enable_totp(session: AsyncSession, viewer: Viewer, sealer: Sealer) -> TotpSetup:
    """Store a new secret, which counts once a code of it was entered. Replaces a pending one."""
    user = await session.get_one(User, viewer.require_user())
    await session.exec(
        delete(TotpFactor).where(
            col(TotpFactor.user_id) == user.id, col(TotpFactor.confirmed_at).is_(None)
        )
    )
    secret = pyotp.random_base32()
    factor = TotpFactor(user_id=user.id, secret=b"")
    factor.secret = sealer.seal(COLUMN, factor.id, secret.encode())
    session.add(factor)
    name = find_email(sealer, user) or user.name
    uri = pyotp.TOTP(secret, name=name, issuer=ISSUER).provisioning_uri()
    return TotpSetup(secret, uri)


async def confirm_totp(
    session: AsyncSession, viewer: Viewer, code: str, sealer: Sealer
) -> list[str]:
    """Turn the pending secret on, in place of a former one. Returns ten recovery codes.

    Raises `SetupEnded` and `FactorWrong`. Tries are not limited: the client that set it up knows
    the secret.
    """
    user_id = viewer.require_user()
    rows = select(TotpFactor).where(
        TotpFactor.user_id == user_id,
        col(TotpFactor.confirmed_at).is_(None),
        col(TotpFactor.expires_at) > now(),
    )
    factor = (await session.exec(for_change(rows))).first()
    if factor is None:
        raise SetupEnded
    step = _find_step(sealer.open(COLUMN, factor.id, factor.secret), code)
    if step is None:
        raise FactorWrong(field=["code"])
    is_first = not await find_factors(session, user_id)
    await session.exec(
        delete(TotpFactor).where(
            col(TotpFactor.user_id) == user_id, col(TotpFactor.confirmed_at).is_not(None)
        )
    )
    factor.confirmed_at, factor.last_step = now(), step
    await note_new_factor(session, viewer, is_first=is_first)
    audit.append(session, viewer, AuditAct.ENABLE_TOTP, subject_id=user_id)
    await send_notice(session, user_id, SecurityNotice.TOTP_ENABLED)
    return await replace_recovery_codes(session, user_id)


async def disable_totp(session: AsyncSession, viewer: Viewer) -> None:
    """Turn one-time codes off. The recovery codes end with the last second factor.

    Raises `FactorMissing`.
    """
    user_id = viewer.require_user()
    deleted = await session.exec(
        delete(TotpFactor)
        .where(col(TotpFactor.user_id) == user_id)
        .returning(col(TotpFactor.confirmed_at))
    )
    if not any(confirmed_at for (confirmed_at,) in deleted.all()):
        raise FactorMissing
    await note_removed_factor(session, user_id)
    audit.append(session, viewer, AuditAct.DISABLE_TOTP, subject_id=user_id)
    await send_notice(session, user_id, SecurityNotice.TOTP_DISABLED)


async def count_try(
    session: AsyncSession, user_id: UUID, *, most: int = MAX_WRONG_CODES
) -> TotpTry | None:
    """Count a code before it is compared: one statement, which no try overtakes.

    Returns None if the user has no app. Raises `TooManyRequests` after `most` wrong codes in 24
    hours. Commit before you call `accept_code`.
    """
    at = now()
    since = at - timedelta(hours=WRONG_CODE_HOURS)
    values = {"user_id": user_id, "at": at, "since": since, "most": most}
    counted = (await session.execute(COUNT_TRY, values)).first()
    if counted is not None:
        return TotpTry(counted[0], counted[1], at, counted[2])
    confirmed = col(TotpFactor.confirmed_at).is_not(None)
    rows = select(TotpFactor.tried_at).where(TotpFactor.user_id == user_id, confirmed)
    tried_at = (await session.exec(rows)).first()
    if tried_at is None or len(tried_at) < most:
        return None
    refused = TooManyRequests(max(1, ceil((tried_at[-most] - since).total_seconds())))
    refused.subject_id = user_id
    raise refused


async def accept_code(session: AsyncSession, counted: TotpTry, code: str, sealer: Sealer) -> bool:
    """Return whether a code is right and newer than all that were accepted before."""
    step = _find_step(sealer.open(COLUMN, counted.factor_id, counted.sealed), code)
    return step is not None and await _raise_step(session, counted, step)


async def _raise_step(session: AsyncSession, counted: TotpTry, step: int) -> bool:
    """Raise the newest step, and take the try back. One statement decides between two requests."""
    raised = await session.exec(
        update(TotpFactor)
        .where(
            col(TotpFactor.id) == counted.factor_id,
            col(TotpFactor.confirmed_at).is_not(None),
            col(TotpFactor.last_step) < step,
        )
        .values(last_step=step, tried_at=func.array_remove(col(TotpFactor.tried_at), counted.at))
        .returning(col(TotpFactor.id))
    )
    return raised.first() is not None


def _find_step(secret: bytes, code: str) -> int | None:
    """Return the step whose code this is, or None."""
    app, typed = pyotp.TOTP(secret.decode()), codes.read_digits(code)
    try:
        return app.verify_and_get_timecode(typed, for_time=now(), valid_window=STEP_WINDOW)
    except OTPVerificationError:
        return None
