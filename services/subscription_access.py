"""Who may not follow what, asked for many people in one statement.

The statements are built once: this is asked for each beginning and before each change.
"""

from collections.abc import Collection, Sequence
from functools import cache
from uuid import UUID

from sqlalchemy import ColumnElement, SQLColumnExpression, Uuid, bindparam
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased
from sqlmodel import and_, col, func, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from models.chat.conversations import Conversation, ConversationState, Participant
from models.chat.messages import Message
from models.chat.reports import MessageReport
from models.identity.accounts import Role, User
from models.vendors import VendorMember


async def strangers(
    session: AsyncSession, vendor_id: UUID, user_ids: Collection[UUID]
) -> Sequence[UUID]:
    """Which of these users do not work at the vendor."""
    given = {"users": list(user_ids), "vendor_id": vendor_id}
    return (await session.exec(_strangers(), params=given)).all()


async def outsiders(
    session: AsyncSession, conversation_id: UUID, user_ids: Collection[UUID], *, admins: bool
) -> Sequence[UUID]:
    """Which of these users do not take part. As `admins` they may where a message was reported."""
    given = {"users": list(user_ids), "conversation_id": conversation_id}
    return (await session.exec(_outsiders(admins=admins), params=given)).all()


async def unacquainted(
    session: AsyncSession, with_ids: Collection[UUID], user_ids: Collection[UUID]
) -> Sequence[UUID]:
    """Which of these users share no conversation with some of those others, or a blocked one."""
    given = {"users": list(user_ids), "others": list(with_ids)}
    return (await session.exec(_unacquainted(), params=given)).all()


@cache
def _strangers() -> SelectOfScalar[UUID]:
    asked, vendor_id = _each("users"), bindparam("vendor_id", type_=Uuid())
    return select(asked).where(~_works_at(asked, vendor_id))


@cache
def _outsiders(*, admins: bool) -> SelectOfScalar[UUID]:
    asked, conversation_id = _each("users"), bindparam("conversation_id", type_=Uuid())
    here = col(Conversation.id) == conversation_id
    parts = or_(Conversation.user_id == asked, _works_at(asked, col(Conversation.vendor_id)))
    if admins:
        reported = col(MessageReport.conversation_id) == conversation_id
        admin = select(User.id).where(User.id == asked, User.role == Role.ADMIN)
        admin = admin.correlate_except(User)
        parts = or_(parts, and_(admin.exists(), select(MessageReport.id).where(reported).exists()))
    inside = select(Conversation.id).where(here, parts).exists()
    return select(asked).where(~inside)


@cache
def _unacquainted() -> SelectOfScalar[UUID]:
    asked, other = _each("users"), _each("others")
    met = or_(_knows(asked, other), _talks_to(other, asked), _answers_with(asked, other))
    return select(asked).where(asked != other, ~met).distinct()


def _each(name: str) -> ColumnElement[UUID]:
    """The ids that are given by this name, as rows."""
    return func.unnest(bindparam(name, type_=ARRAY(Uuid))).column_valued(f"each_of_{name}")


# SQLAlchemy correlates with the next select outside alone, unless it is told to: the users would
# be unnested once more within, and what one of them may all might.
def _works_at(
    user_id: ColumnElement[UUID], vendor_id: SQLColumnExpression[UUID]
) -> ColumnElement[bool]:
    here = col(VendorMember.vendor_id) == vendor_id
    members = select(VendorMember.id).where(here, VendorMember.user_id == user_id)
    return members.correlate_except(VendorMember).exists()


def _knows(user_id: ColumnElement[UUID], member_id: ColumnElement[UUID]) -> ColumnElement[bool]:
    """As in `visible_users`: a user does not see all who work at a vendor they talk with."""
    here = col(Conversation.id)
    writes = select(Message.id).where(
        Message.conversation_id == here, Message.sender_id == member_id
    )
    receives = select(Participant.user_id).where(
        Participant.conversation_id == here, Participant.user_id == member_id
    )
    seen = or_(
        writes.correlate_except(Message).exists(),
        receives.correlate_except(Participant).exists(),
        col(Conversation.assignee_id) == member_id,
    )
    return _talks_to(user_id, member_id, seen)


def _talks_to(
    user_id: ColumnElement[UUID], member_id: ColumnElement[UUID], *besides: ColumnElement[bool]
) -> ColumnElement[bool]:
    at = col(VendorMember.vendor_id) == Conversation.vendor_id
    return (
        select(Conversation.id)
        .join(VendorMember, and_(at, VendorMember.user_id == member_id))
        .where(Conversation.user_id == user_id, Conversation.state != ConversationState.BLOCKED)
        .where(*besides)
        .exists()
    )


def _answers_with(one: ColumnElement[UUID], other: ColumnElement[UUID]) -> ColumnElement[bool]:
    """Two members of a vendor that somebody talks with."""
    mine, theirs = aliased(VendorMember), aliased(VendorMember)
    return (
        select(Conversation.id)
        .join(mine, col(mine.vendor_id) == Conversation.vendor_id)
        .join(theirs, col(theirs.vendor_id) == Conversation.vendor_id)
        .where(mine.user_id == one, theirs.user_id == other)
        .exists()
    )
