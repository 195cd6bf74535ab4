"""Conversations: start, archive and block."""

from functools import cache
from uuid import UUID

from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.database import for_change, for_reliance, lock_or_create
from core.keyset import Listing, newest_first
from core.statements.pages import PageStatements
from models.chat.contacts import Contact, ConversationLimitReached
from models.chat.conversations import Conversation, ConversationState, Side, SubjectKind
from models.chat.messages import NoticeKind
from models.errors import InvalidInput, NotFound
from models.members import Permission, may
from models.quotas import DailyAct
from models.vendors import Vendor
from services.bookings.holding.access import find_booking
from services.chat import log
from services.chat.access import is_reported, own_conversations, takes_part
from services.chat.entries import ConversationStarted, ConversationUpdated
from services.offers.offers import access_offer
from services.orders.access import find_parties
from services.quotas import ensure_within_quota
from services.redemptions.redemptions import access_voucher
from services.vendors.access import access_vendor, find_member, visible_vendors
from services.viewer import VIEWER_ID, VIEWER_STAFF, Viewer

MAX_CONVERSATIONS_PER_CONTACT = 100


def visible_conversations(viewer: Viewer) -> SelectOfScalar[Conversation]:
    """Select the viewer's conversations. Admins also see those with a reported message."""
    own = own_conversations(viewer)
    return select(Conversation).where(or_(own, is_reported()) if viewer.admin else own)


async def access_conversation(
    session: AsyncSession, viewer: Viewer, conversation_id: UUID, *, change: bool = True
) -> Conversation:
    """Return a conversation that the viewer takes part in, locked to change it."""
    viewer.require_user()
    rows = select(Conversation).where(Conversation.id == conversation_id, own_conversations(viewer))
    wanted = for_change(rows, of=Conversation) if change else rows
    conversation = (await session.exec(wanted)).first()
    if conversation is None:
        raise NotFound
    return conversation


async def ensure_may_write(session: AsyncSession, viewer: Viewer, conversation_id: UUID) -> None:
    """Raise `NotFound` unless the viewer takes part, `ConversationBlocked` if blocked."""
    conversation = await access_conversation(session, viewer, conversation_id, change=False)
    conversation.ensure_writable()


def list_conversations(
    viewer: Viewer, state: ConversationState | None = None
) -> Listing[Conversation]:
    return _own_conversations(state).listing(viewer.parameters)


@cache
def _own_conversations(state: ConversationState | None) -> PageStatements[Conversation]:
    rows = select(Conversation).where(takes_part(VIEWER_ID, VIEWER_STAFF))
    if state is not None:
        rows = rows.where(Conversation.state == state)
    return PageStatements(Listing(rows, newest_first(Conversation, Conversation.last_message_at)))


async def start_conversation(
    session: AsyncSession,
    viewer: Viewer,
    *,
    vendor_id: UUID,
    subject_kind: SubjectKind | None = None,
    subject_id: UUID | None = None,
) -> Conversation:
    """Return a customer's and a vendor's conversation about a subject, or start it.

    Reopens an archived one. Members can start one about a voucher, an order or a booking with its
    holder. The contact is locked first, so two requests at once get the same conversation.
    """
    user_id = await _find_customer(session, viewer, vendor_id, subject_kind, subject_id)
    contact = await lock_or_create(session, Contact, user_id=user_id, vendor_id=vendor_id)
    contact.ensure_unblocked()
    rows = select(Conversation).where(
        Conversation.user_id == user_id,
        Conversation.vendor_id == vendor_id,
        Conversation.subject_id == subject_id,
    )
    conversation = (await session.exec(for_change(rows))).first()
    if conversation is None:
        conversation = Conversation(
            user_id=user_id,
            vendor_id=vendor_id,
            subject_kind=subject_kind,
            subject_id=subject_id,
        )
        session.add(conversation)
        _count_conversation(contact)
        await _count_start(session, viewer, conversation)
        started = ConversationStarted(conversation.id, user_id)
        log.publish(session, conversation, started)
    else:
        log.reopen(session, conversation)
    return conversation


async def archive_conversation(
    session: AsyncSession, viewer: Viewer, *, conversation_id: UUID, archived: bool
) -> Conversation:
    """Archive or reopen a conversation for both sides. The next message reopens it."""
    conversation = await access_conversation(session, viewer, conversation_id)
    if not archived:
        log.reopen(session, conversation)
    elif conversation.archive():
        log.append_notice(session, conversation, NoticeKind.ARCHIVED)
        updated = ConversationUpdated(conversation.id, conversation.user_id)
        log.publish(session, conversation, updated)
    return conversation


async def block_conversation(
    session: AsyncSession, viewer: Viewer, *, conversation_id: UUID, blocked: bool
) -> Conversation:
    """Block the other side, or remove the own block, in all their conversations.

    For a vendor, requires the permission to chat.
    """
    found = await access_conversation(session, viewer, conversation_id, change=False)
    side = found.side_of(viewer.require_user())
    if side is Side.VENDOR:
        await access_vendor(session, viewer, found.vendor_id, Permission.CHAT)
    contact = await lock_or_create(
        session, Contact, user_id=found.user_id, vendor_id=found.vendor_id
    )
    contact.block(side, blocked=blocked)
    shared = select(Conversation).where(
        Conversation.user_id == found.user_id, Conversation.vendor_id == found.vendor_id
    )
    for conversation in await session.exec(for_change(shared.order_by(col(Conversation.id)))):
        if conversation.block(blocked=contact.blocked):
            updated = ConversationUpdated(conversation.id, conversation.user_id)
            log.publish(session, conversation, updated)
    return found


async def _find_customer(
    session: AsyncSession,
    viewer: Viewer,
    vendor_id: UUID,
    subject_kind: SubjectKind | None,
    subject_id: UUID | None,
) -> UUID:
    """Return the new conversation's customer: the viewer, or the holder of the subject."""
    member = await find_member(session, viewer, vendor_id)
    if member is not None:
        vendor = await access_vendor(session, viewer, vendor_id, Permission.SEE_VENDOR)
        vendor.ensure_not_suspended()
        member = await find_member(session, viewer, vendor_id)
    else:
        rows = visible_vendors(viewer).where(Vendor.id == vendor_id)
        if (await session.exec(for_reliance(rows, of=Vendor))).first() is None:
            raise NotFound
    holder = await _access_subject(session, viewer, vendor_id, subject_kind, subject_id)
    if member is None or not may(member.role, Permission.CHAT):
        if holder is not None and holder != viewer.require_user():
            raise NotFound
        return viewer.require_user()
    if holder is None or holder == viewer.require_user():
        raise InvalidInput(
            "Members can only start a conversation about a voucher, an order or a booking of a"
            " customer with an account.",
            field=["subjectId"],
        )
    return holder


async def _access_subject(
    session: AsyncSession,
    viewer: Viewer,
    vendor_id: UUID,
    kind: SubjectKind | None,
    subject_id: UUID | None,
) -> UUID | None:
    """Return the holder of a voucher, the buyer of an order, or the customer of a booking.

    Raises `NotFound` if the subject isn't the vendor's.
    """
    if kind is None or subject_id is None:
        return None
    holder = None
    if kind is SubjectKind.OFFER:
        of_vendor = (await access_offer(session, viewer, subject_id)).vendor_id
    elif kind is SubjectKind.ORDER:
        of_vendor, holder = await find_parties(session, viewer, subject_id)
    elif kind is SubjectKind.BOOKING:
        booking = await find_booking(session, viewer, subject_id)
        of_vendor, holder = booking.vendor_id, booking.user_id
    else:
        voucher = await access_voucher(session, viewer, subject_id)
        of_vendor, holder = voucher.vendor_id, voucher.user_id
    if of_vendor != vendor_id:
        raise NotFound
    return holder


async def _count_start(session: AsyncSession, viewer: Viewer, conversation: Conversation) -> None:
    starter_id = viewer.require_user()
    by_vendor = conversation.side_of(starter_id) is Side.VENDOR
    act = DailyAct.START_AS_VENDOR if by_vendor else DailyAct.START_CONVERSATION
    await ensure_within_quota(session, starter_id, act)


def _count_conversation(contact: Contact) -> None:
    if contact.conversations >= MAX_CONVERSATIONS_PER_CONTACT:
        raise ConversationLimitReached
    contact.conversations += 1
