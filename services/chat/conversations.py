"""Conversations: begun by either side, put away, blocked."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.database import for_change, for_reliance
from core.ids import new_id
from core.keyset import Ordering
from models.chat.contacts import Contact, ConversationLimitReached
from models.chat.conversations import Conversation, ConversationState, Side, SubjectKind
from models.chat.messages import NoticeKind
from models.chat.reports import MessageReport
from models.errors import InvalidInput, NotFound
from models.vendors import MemberRole, Vendor
from services.chat import log
from services.chat.entries import ConversationStarted, ConversationUpdated
from services.offers.offers import access_offer
from services.redemptions import access_voucher
from services.vendors import access_vendor, at_own_vendor, find_member, visible_vendors
from services.viewer import Viewer

MOST_CONVERSATIONS = 100


def own(viewer: Viewer) -> ColumnElement[bool]:
    """That the viewer takes part: as the user, or as a member of the vendor."""
    return or_(
        Conversation.user_id == viewer.user_id,
        at_own_vendor(viewer, col(Conversation.vendor_id)),
    )


def visible_conversations(viewer: Viewer) -> SelectOfScalar[Conversation]:
    """Those one takes part in; for an admin also those with a reported message."""
    if viewer.admin:
        reported = select(MessageReport.conversation_id)
        return select(Conversation).where(or_(own(viewer), col(Conversation.id).in_(reported)))
    return select(Conversation).where(own(viewer))


async def access_conversation(
    session: AsyncSession, viewer: Viewer, conversation_id: UUID, *, change: bool = True
) -> Conversation:
    """A conversation that the viewer takes part in, locked if it will change."""
    viewer.require_user()
    rows = select(Conversation).where(Conversation.id == conversation_id, own(viewer))
    wanted = for_change(rows, of=Conversation) if change else rows
    conversation = (await session.exec(wanted)).first()
    if conversation is None:
        raise NotFound
    return conversation


async def ensure_may_write(session: AsyncSession, viewer: Viewer, conversation_id: UUID) -> None:
    """`NotFound` unless the viewer takes part, `ConversationBlocked` where nothing can be said."""
    conversation = await access_conversation(session, viewer, conversation_id, change=False)
    conversation.ensure_writable()


def list_conversations(
    viewer: Viewer, state: ConversationState | None = None
) -> tuple[SelectOfScalar[Conversation], Ordering]:
    """Those the viewer takes part in, by their last message, the latest first."""
    rows = select(Conversation).where(own(viewer))
    if state is not None:
        rows = rows.where(Conversation.state == state)
    return rows, latest()


def latest() -> Ordering:
    return Ordering(
        "conversations",
        Conversation.last_message_at,
        Conversation.id,
        datetime.fromisoformat,
        descending=True,
    )


async def start_conversation(
    session: AsyncSession,
    viewer: Viewer,
    *,
    vendor_id: UUID,
    subject_kind: SubjectKind | None = None,
    subject_id: UUID | None = None,
) -> Conversation:
    """The one conversation of a user and a vendor about a subject, begun if there is none yet.

    An archived one is opened again. Members begin one about a voucher, with the user who has it.
    """
    user_id = await _other_side(session, viewer, vendor_id, subject_kind, subject_id)
    contact = await _lock_contact(session, user_id, vendor_id)
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
        _count(contact)
        log.publish(
            session, conversation, ConversationStarted(conversation.id, conversation.user_id)
        )
    else:
        log.reopen(session, conversation)
    return conversation


async def archive_conversation(
    session: AsyncSession, viewer: Viewer, *, conversation_id: UUID, archived: bool
) -> Conversation:
    """Put away, or taken out again, for both sides; the next message takes it out by itself."""
    conversation = await access_conversation(session, viewer, conversation_id)
    if not archived:
        log.reopen(session, conversation)
    elif conversation.archive():
        log.notice(session, conversation, NoticeKind.ARCHIVED)
        updated = ConversationUpdated(conversation.id, conversation.user_id)
        log.publish(session, conversation, updated)
    return conversation


async def block_conversation(
    session: AsyncSession, viewer: Viewer, *, conversation_id: UUID, blocked: bool
) -> Conversation:
    """Block the other side, or lift one's own block; it holds for all they have together.

    Of a vendor's members staff and those above them decide that for it.
    """
    found = await access_conversation(session, viewer, conversation_id, change=False)
    side = found.side_of(viewer.require_user())
    if side is Side.VENDOR:
        await access_vendor(session, viewer, found.vendor_id, MemberRole.STAFF)
    contact = await _lock_contact(session, found.user_id, found.vendor_id)
    contact.block(side, blocked=blocked)
    together = select(Conversation).where(
        Conversation.user_id == found.user_id, Conversation.vendor_id == found.vendor_id
    )
    for one in await session.exec(for_change(together.order_by(col(Conversation.id)))):
        if one.block(blocked=contact.blocked):
            log.publish(session, one, ConversationUpdated(one.id, one.user_id))
    return found


async def _other_side(
    session: AsyncSession,
    viewer: Viewer,
    vendor_id: UUID,
    subject_kind: SubjectKind | None,
    subject_id: UUID | None,
) -> UUID:
    """The user of the conversation that the viewer wants; the subject is the vendor's own."""
    member = await find_member(session, viewer, vendor_id)
    if member is None:
        rows = visible_vendors(viewer).where(Vendor.id == vendor_id)
        if (await session.exec(for_reliance(rows, of=Vendor))).first() is None:
            raise NotFound
    holder = await _access_subject(session, viewer, vendor_id, subject_kind, subject_id)
    if member is None:
        if holder is not None and holder != viewer.require_user():
            raise NotFound
        return viewer.require_user()
    if holder is None or holder == viewer.require_user():
        raise InvalidInput(
            "Members can only start a conversation about a voucher of a customer.",
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
    """Who holds the subject, if it is a voucher. `NotFound` for another vendor's."""
    if kind is None or subject_id is None:
        return None
    holder = None
    if kind is SubjectKind.OFFER:
        of_vendor = (await access_offer(session, viewer, subject_id)).vendor_id
    else:
        voucher = await access_voucher(session, viewer, subject_id)
        of_vendor, holder = voucher.vendor_id, voucher.user_id
    if of_vendor != vendor_id:
        raise NotFound
    return holder


async def _lock_contact(session: AsyncSession, user_id: UUID, vendor_id: UUID) -> Contact:
    first = Contact(id=new_id(), user_id=user_id, vendor_id=vendor_id).model_dump()
    await session.exec(insert(Contact).values(first).on_conflict_do_nothing())
    rows = select(Contact).where(Contact.user_id == user_id, Contact.vendor_id == vendor_id)
    return (await session.exec(for_change(rows))).one()


def _count(contact: Contact) -> None:
    if contact.conversations >= MOST_CONVERSATIONS:
        raise ConversationLimitReached
    contact.conversations += 1
