"""Phone numbers of accounts: signing in with a code, and changing the number."""

from datetime import timedelta

from sqlmodel import col, delete, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import exists_in, for_change
from core.errors import NotSignedIn
from core.ids import new_id
from core.security.sealed import Sealer
from models.audit import AuditAct
from models.identity.accounts import User, UserSession
from models.identity.phones import (
    CHALLENGE_COLUMN,
    NUMBER_COLUMN,
    UNUSED_DAYS,
    NumberUnused,
    Phone,
    PhoneChallenge,
)
from models.identity.registrations import CodeEnded
from services.audit import entries as audit
from services.identity.factors.factors import SecondFactor
from services.identity.phones.phone_codes import ENDED, use_up
from services.identity.security_notices import SecurityNotice, send_notice
from services.identity.sessions.sessions import Tokens, lock_open_session
from services.identity.sign_ins.sign_ins import SignIn, continue_sign_in
from services.viewer import Viewer


async def log_in_with_code(
    session: AsyncSession, sign_in: SignIn, challenge: PhoneChallenge
) -> Tokens | SecondFactor:
    """Open a session for the account of a number, whose code was right, or ask for its factor.

    Raises `CodeEnded`. The number is read again: it may be another account's by now. Raises
    `NumberUnused` for an account that was not used for long: the number may be another person's.
    """
    await use_up(session, challenge)
    rows = (
        select(User)
        .join(Phone, col(Phone.user_id) == col(User.id))
        .where(Phone.lookup == challenge.lookup)
    )
    user = (await session.exec(rows)).first()
    if user is None:
        raise CodeEnded(ENDED)
    if not await _was_used(session, user):
        raise NumberUnused(days=UNUSED_DAYS)
    return await continue_sign_in(session, sign_in, user)


async def confirm_phone(
    session: AsyncSession, sealer: Sealer, viewer: Viewer, challenge: PhoneChallenge
) -> None:
    """Give the viewer the number of a request, whose code was right. Raises `CodeEnded`.

    The number moves to the one who proved it: its former account keeps its address and password,
    and gets a mail. Users are locked in the order of their ids. The session must be open: one that
    ended a moment ago could otherwise leave a number to sign in with behind.
    """
    user_id = viewer.require_user()
    if challenge.user_id != user_id:
        raise CodeEnded(ENDED)
    await use_up(session, challenge)
    owners = select(Phone.user_id).where(Phone.lookup == challenge.lookup)
    rows = select(User).where(or_(User.id == user_id, col(User.id).in_(owners)))
    locked = (await session.exec(for_change(rows.order_by(col(User.id))))).all()
    owner = next((user for user in locked if user.id == user_id), None)
    if owner is None:
        raise NotSignedIn
    await lock_open_session(session, viewer)
    if owner.epoch != challenge.epoch:
        raise CodeEnded(ENDED)
    await session.exec(
        delete(Phone).where(
            or_(col(Phone.user_id) == user_id, col(Phone.lookup) == challenge.lookup)
        )
    )
    number, id = sealer.open(CHALLENGE_COLUMN, challenge.id, challenge.number), new_id()
    sealed = sealer.seal(NUMBER_COLUMN, id, number)
    session.add(Phone(id=id, user_id=user_id, number=sealed, lookup=challenge.lookup))
    owner.credentials_changed_at = now()
    for user in locked:
        audit.append(session, viewer, AuditAct.CHANGE_PHONE, subject_id=user.id)
        notice = SecurityNotice.PHONE_CHANGED if user.id == user_id else SecurityNotice.PHONE_MOVED
        await send_notice(session, user.id, notice)


async def _was_used(session: AsyncSession, user: User) -> bool:
    """Return whether the user was signed in within `UNUSED_DAYS`.

    Sessions are kept for longer than that after their last use.
    """
    since = now() - timedelta(days=UNUSED_DAYS)
    used = exists_in(
        UserSession,
        UserSession.user_id == user.id,
        UserSession.last_used_at > since,
        col(UserSession.impersonator_id).is_(None),
    )
    return (await session.exec(select(used))).one()
