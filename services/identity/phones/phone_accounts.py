"""Accounts that a code by phone creates, without an email address."""

from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from core.errors import UserMessage
from core.ids import new_id
from core.security.sealed import Sealer
from models.audit import AuditAct
from models.identity.accounts import User
from models.identity.phones import (
    CHALLENGE_COLUMN,
    NUMBER_COLUMN,
    PHONE,
    Phone,
    PhoneChallenge,
)
from services.audit import entries as audit
from services.i18n import translate
from services.viewer import Viewer

NAME = UserMessage("New user")  # until the user gives their own; never a part of the number


async def create_account(
    session: AsyncSession, sealer: Sealer, challenge: PhoneChallenge
) -> User | None:
    """Create the account of a number, whose code was right. None if another request was faster.

    The number is inserted first: that waits for another request, which may insert it too.
    """
    name = translate(NAME, [challenge.locale])
    user = User(name=name, needs_name=True, password_hash=None, locale=challenge.locale)
    number = sealer.open(CHALLENGE_COLUMN, challenge.id, challenge.number)
    phone = seal_phone(sealer, user.id, number.decode())
    phone.created_at = user.created_at  # else it would seem to be added later: `remove_recent`
    added = insert(Phone).values(phone.model_dump()).on_conflict_do_nothing()
    if (await session.exec(added.returning(col(Phone.id)))).first() is None:
        return None
    session.add(user)
    audit.append(session, Viewer(user.id), AuditAct.CREATE_ACCOUNT, subject_id=user.id)
    await session.flush()
    return user


def seal_phone(sealer: Sealer, user_id: UUID, number: str) -> Phone:
    """Return the row of a user's number."""
    id, lookup = new_id(), sealer.lookup(PHONE, number)
    return Phone(
        id=id,
        user_id=user_id,
        number=sealer.seal(NUMBER_COLUMN, id, number.encode()),
        lookup=lookup.oldest,
        next_lookup=lookup.newest,
    )
