"""Phone numbers of accounts: signing in with a code, and changing the number."""

from datetime import timedelta

from sqlmodel import col, delete, or_, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import exists_in, for_change
from core.errors import NotSignedIn
from core.security.sealed import Lookup, Sealer
from models.audit import AuditAct
from models.fraud.links import LinkKind
from models.identity.accounts import User, UserSession
from models.identity.phones import (
    CHALLENGE_COLUMN,
    DETACHED_DAYS,
    PHONE,
    UNUSED_DAYS,
    NumberInUse,
    NumberUnused,
    Phone,
    PhoneChallenge,
)
from models.identity.registrations import CodeEnded
from services.audit import entries as audit
from services.fraud.links import note_link
from services.identity.factors.factors import SecondFactor
from services.identity.factors.ways_in import has_way_in_without_phone
from services.identity.phones.phone_accounts import create_account, seal_phone
from services.identity.phones.phone_codes import ENDED, lookup_of, use_up
from services.identity.phones.sms_shares import count_confirmed
from services.identity.security_notices import SecurityNotice, send_notice
from services.identity.sessions.sessions import Tokens, lock_open_session
from services.identity.sign_ins.sign_ins import SignIn, continue_sign_in
from services.viewer import ANONYMOUS, Viewer


async def log_in_with_code(
    session: AsyncSession, sign_in: SignIn, challenge: PhoneChallenge
) -> Tokens | SecondFactor:
    """Open a session for the account of a number, whose code was right, or ask for its factor.

    Creates the account if there is none. Raises `CodeEnded`. The number is read again: it may be
    another account's by now. Raises `NumberUnused` for an account that was not used for long, and
    can be signed in to without it: the number may be another person's. One that cannot is detached
    after a year, and the new holder of the number gets an account of their own.
    """
    await use_up(session, challenge)
    lookup = lookup_of(sign_in.sealer, challenge)
    user = await _find_by_number(session, lookup)
    if user is None or await _detach(session, user, lookup):
        user = await create_account(session, sign_in.sealer, challenge)
    if user is None:  # another request was faster
        user = await _find_by_number(session, lookup)
    if user is None:
        raise CodeEnded(ENDED)
    if await has_way_in_without_phone(session, user.id) and not await _was_used(session, user):
        raise NumberUnused(days=UNUSED_DAYS)
    proven = update(Phone).where(Phone.has_number(lookup))
    await session.exec(proven.values(proven_at=now()))
    step = await continue_sign_in(session, sign_in, user)
    number = sign_in.sealer.open(CHALLENGE_COLUMN, challenge.id, challenge.number).decode()
    await note_link(session, sign_in.sealer, user.id, LinkKind.PHONE, number)
    await count_confirmed(session, number, challenge.created_at)
    return step


async def _find_by_number(session: AsyncSession, number: Lookup) -> User | None:
    rows = (
        select(User).join(Phone, col(Phone.user_id) == col(User.id)).where(Phone.has_number(number))
    )
    return (await session.exec(rows)).first()


async def _detach(session: AsyncSession, user: User, number: Lookup) -> bool:
    """Take a number from an account that only the number signs in to, if it was not used for long.

    Returns whether the number is free.
    """
    if await has_way_in_without_phone(session, user.id):
        return False
    detached = delete(Phone).where(
        Phone.has_number(number),
        col(Phone.user_id) == user.id,
        col(Phone.proven_at) <= now() - timedelta(days=DETACHED_DAYS),
    )
    found = (await session.exec(detached.returning(col(Phone.id)))).first()
    if found is None:
        return False
    audit.append(session, ANONYMOUS, AuditAct.CHANGE_PHONE, subject_id=user.id)
    return True


async def confirm_phone(
    session: AsyncSession, sealer: Sealer, viewer: Viewer, challenge: PhoneChallenge
) -> None:
    """Give the viewer the number of a request, whose code was right. Raises `CodeEnded`.

    Raises `NumberInUse` if another account has no other way in, and was used within a year. Else
    the number moves to the one who proved it: its former account keeps its address and password,
    and gets a mail. Users are locked in the order of their ids. The session must be open: one that
    ended a moment ago could otherwise leave a number to sign in with behind.
    """
    user_id = viewer.require_user()
    if challenge.user_id != user_id:
        raise CodeEnded(ENDED)
    await use_up(session, challenge)
    number = sealer.open(CHALLENGE_COLUMN, challenge.id, challenge.number)
    lookup = sealer.lookup(PHONE, number.decode())
    owners = select(Phone.user_id).where(Phone.has_number(lookup))
    rows = select(User).where(or_(User.id == user_id, col(User.id).in_(owners)))
    locked = (await session.exec(for_change(rows.order_by(col(User.id))))).all()
    owner = next((user for user in locked if user.id == user_id), None)
    if owner is None:
        raise NotSignedIn
    await lock_open_session(session, viewer)
    if owner.epoch != challenge.epoch:
        raise CodeEnded(ENDED)
    for user in locked:
        if user.id != user_id:
            await _ensure_free(session, user, lookup)
    await session.exec(
        delete(Phone).where(or_(col(Phone.user_id) == user_id, Phone.has_number(lookup)))
    )
    session.add(seal_phone(sealer, user_id, number.decode()))
    owner.credentials_changed_at = now()
    for user in locked:
        audit.append(session, viewer, AuditAct.CHANGE_PHONE, subject_id=user.id)
        notice = SecurityNotice.PHONE_CHANGED if user.id == user_id else SecurityNotice.PHONE_MOVED
        await send_notice(session, user.id, notice)
    await note_link(session, sealer, user_id, LinkKind.PHONE, number.decode())
    await count_confirmed(session, number.decode(), challenge.created_at)


async def _ensure_free(session: AsyncSession, user: User, number: Lookup) -> None:
    """Raise `NumberInUse` if another account needs the number to be signed in to."""
    if await has_way_in_without_phone(session, user.id):
        return
    since = now() - timedelta(days=DETACHED_DAYS)
    used = select(Phone.id).where(Phone.has_number(number), Phone.proven_at > since)
    if (await session.exec(used)).first() is not None:
        raise NumberInUse


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
