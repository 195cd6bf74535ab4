"""Subscription checks of many users in one statement, built once from the access predicates."""

from collections.abc import Collection
from functools import cache
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, bindparam, column
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import and_, col, func, or_, select

from core.database import exists_in
from core.statements.shared_reads import Question, SharedReads
from core.statements.statement import Statement
from models.chat.conversations import Conversation, ConversationState
from models.identity.accounts import Role, User, UserState
from models.members import Permission
from models.offers.offers import Offer
from models.redemptions import Voucher
from models.vendors import Vendor, VendorMember, VendorStatus
from services.chat.access import is_reported, takes_part
from services.chat.people import sees_customer, sees_member
from services.offers.offers import PUBLIC_STATES
from services.vendors.access import works_at
from services.vendors.people import is_colleague
from services.viewer import Viewer

PAIRS = ("users", "places")
ANYWHERE = UUID(int=0)  # the place of a right that has none
_ASKED = (
    func.unnest(*(bindparam(name, type_=ARRAY(Uuid())) for name in PAIRS))
    .table_valued(column("user_id", Uuid()), column("place_id", Uuid()), name="asked")
    .render_derived()
)
_USER, _PLACE = _ASKED.c.user_id, _ASKED.c.place_id


async def non_members(
    reads: SharedReads, vendor_id: UUID, permission: Permission, user_ids: Collection[UUID]
) -> Collection[UUID]:
    """Return those of the users who are no members of the vendor with this permission."""
    return await _refused(reads, _non_members(permission), [vendor_id], user_ids)


async def non_participants(
    reads: SharedReads, conversation_id: UUID, user_ids: Collection[UUID], *, admins: bool
) -> Collection[UUID]:
    """Return those of the users who don't take part in the conversation.

    If `admins`, an admin may follow it once a message of it was reported.
    """
    return await _refused(reads, _non_participants(admins=admins), [conversation_id], user_ids)


async def non_contacts(
    reads: SharedReads, person_ids: Collection[UUID], user_ids: Collection[UUID]
) -> Collection[UUID]:
    """Return those of the users who may not see the presence of every one of these people.

    They must see the person, and share a conversation that neither side blocks.
    """
    return await _refused(reads, _non_contacts(), person_ids, user_ids)


async def is_third_party(reads: SharedReads, conversation_id: UUID, viewer: Viewer) -> bool:
    """Return whether the viewer is neither the customer nor acts for the vendor."""
    parties = [viewer.user_id, viewer.acting.vendor_id if viewer.acting else None]
    asked = [(id, conversation_id) for id in parties if id is not None]
    return len(await reads.ask(_third_parties(), asked)) == len(asked)


async def non_owners(
    reads: SharedReads, voucher_id: UUID, user_ids: Collection[UUID]
) -> Collection[UUID]:
    return await _refused(reads, _non_owners(), [voucher_id], user_ids)


async def non_viewers_of_offer(
    reads: SharedReads, offer_id: UUID, user_ids: Collection[UUID]
) -> Collection[UUID]:
    """Return those of the users who may not follow the offer.

    All may while it is public, also paused or ended; members of its vendor and admins always.
    """
    return await _refused(reads, _non_viewers_of_offer(), [offer_id], user_ids)


async def non_admins(reads: SharedReads, user_ids: Collection[UUID]) -> Collection[UUID]:
    return await _refused(reads, _non_admins(), [ANYWHERE], user_ids)


async def _refused(
    reads: SharedReads, question: Question, places: Collection[UUID], user_ids: Collection[UUID]
) -> Collection[UUID]:
    """Return the users that are refused at any of the places."""
    pairs = [(user_id, place) for user_id in user_ids for place in places]
    return {user_id for user_id, _ in await reads.ask(question, pairs)}


@cache
def _non_members(permission: Permission) -> Question:
    return _those_without(works_at(_USER, _PLACE, permission))


@cache
def _non_participants(*, admins: bool) -> Question:
    allowed = takes_part(_USER, _USER)
    if admins:
        allowed = or_(allowed, and_(_is_admin(), is_reported()))
    return _those_without(exists_in(Conversation, col(Conversation.id) == _PLACE, allowed))


@cache
def _third_parties() -> Question:
    """Ask for a user or a vendor. Ids of rows are unique, whatever the table."""
    is_party = or_(col(Conversation.user_id) == _USER, col(Conversation.vendor_id) == _USER)
    return _those_without(exists_in(Conversation, col(Conversation.id) == _PLACE, is_party))


@cache
def _non_contacts() -> Question:
    """Ask for people: the place of a pair is a person."""
    unblocked = Conversation.state != ConversationState.BLOCKED
    still_a_member = works_at(_PLACE, col(Conversation.vendor_id), Permission.CHAT)
    with_customers = exists_in(Conversation, col(Conversation.vendor_id) == VendorMember.vendor_id)
    is_contact = or_(
        _USER == _PLACE,
        sees_member(_USER, _PLACE, unblocked, still_a_member),
        sees_customer(_USER, _PLACE, unblocked),
        is_colleague(_USER, _PLACE, with_customers),
    )
    return _those_without(is_contact)


@cache
def _non_owners() -> Question:
    return _those_without(
        exists_in(Voucher, col(Voucher.id) == _PLACE, col(Voucher.user_id) == _USER)
    )


@cache
def _non_viewers_of_offer() -> Question:
    approved = exists_in(
        Vendor, Vendor.id == Offer.vendor_id, Vendor.status == VendorStatus.APPROVED
    )
    public = and_(col(Offer.state).in_(PUBLIC_STATES), approved)
    own = works_at(_USER, col(Offer.vendor_id), Permission.SEE_OFFERS)
    shown = exists_in(Offer, col(Offer.id) == _PLACE, or_(public, own))
    return _those_without(or_(shown, _is_admin()))


@cache
def _non_admins() -> Question:
    return _those_without(_is_admin())


def _is_admin() -> ColumnElement[bool]:
    return exists_in(
        User,
        col(User.id) == _USER,
        User.role == Role.ADMIN,
        User.state == UserState.ACTIVE,
    )


def _those_without(right: ColumnElement[bool]) -> Question:
    """Return the question which pairs of a user and a place have no right."""
    return Question(Statement(select(_USER, _PLACE).where(~right)), PAIRS)
