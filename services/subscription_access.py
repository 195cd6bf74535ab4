"""Subscription checks of many users in one statement, built once from the access predicates."""

from collections.abc import Collection, Sequence
from functools import cache
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, bindparam
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import and_, col, func, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.database import exists_in
from models.chat.conversations import Conversation, ConversationState
from models.identity.accounts import Role, User
from models.vendors import VendorMember
from services.chat.access import is_reported, takes_part
from services.chat.people import sees_customer, sees_member
from services.vendors.access import works_at
from services.vendors.people import is_colleague


async def non_members(
    session: AsyncSession, vendor_id: UUID, user_ids: Collection[UUID]
) -> Sequence[UUID]:
    given = {"users": list(user_ids), "vendor_id": vendor_id}
    return (await session.exec(_non_members(), params=given)).all()


async def non_participants(
    session: AsyncSession, conversation_id: UUID, user_ids: Collection[UUID], *, admins: bool
) -> Sequence[UUID]:
    """Return those of the users who don't take part in the conversation.

    If `admins`, an admin may follow it once a message of it was reported.
    """
    given = {"users": list(user_ids), "conversation_id": conversation_id}
    return (await session.exec(_non_participants(admins=admins), params=given)).all()


async def non_contacts(
    session: AsyncSession, person_ids: Collection[UUID], user_ids: Collection[UUID]
) -> Sequence[UUID]:
    """Return those of the users who may not see the presence of every one of these people.

    They must see the person, and share a conversation that neither side blocks.
    """
    given = {"users": list(user_ids), "people": list(person_ids)}
    return (await session.exec(_non_contacts(), params=given)).all()


@cache
def _non_members() -> SelectOfScalar[UUID]:
    user, vendor_id = _each("users"), bindparam("vendor_id", type_=Uuid())
    return select(user).where(~works_at(user, vendor_id))


@cache
def _non_participants(*, admins: bool) -> SelectOfScalar[UUID]:
    user, conversation_id = _each("users"), bindparam("conversation_id", type_=Uuid())
    allowed = takes_part(user)
    if admins:
        is_admin = exists_in(User, col(User.id) == user, User.role == Role.ADMIN)
        allowed = or_(allowed, and_(is_admin, is_reported()))
    return select(user).where(
        ~exists_in(Conversation, col(Conversation.id) == conversation_id, allowed)
    )


@cache
def _non_contacts() -> SelectOfScalar[UUID]:
    user, person = _each("users"), _each("people")
    unblocked = Conversation.state != ConversationState.BLOCKED
    still_a_member = works_at(person, col(Conversation.vendor_id))
    with_customers = exists_in(Conversation, col(Conversation.vendor_id) == VendorMember.vendor_id)
    is_contact = or_(
        user == person,
        sees_member(user, person, unblocked, still_a_member),
        sees_customer(user, person, unblocked),
        is_colleague(user, person, with_customers),
    )
    return select(user).where(~is_contact).distinct()


def _each(name: str) -> ColumnElement[UUID]:
    """Return a column with a row for each id in this parameter."""
    return func.unnest(bindparam(name, type_=ARRAY(Uuid))).column_valued(f"each_of_{name}")
