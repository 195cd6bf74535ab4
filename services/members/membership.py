"""Changes of memberships, by whatever way, with all that follows from them.

The caller has locked the vendor to change it, so its members change one at a time.
"""

from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import and_, col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import for_change
from models.audit import AuditAct
from models.errors import NotFound
from models.identity.accounts import User
from models.identity.revocations import RevocationKind
from models.members import InvitationState, MemberInvitation, Permission, may
from models.vendors import LastOwner, MemberRole, Vendor, VendorMember
from services.audit import entries as audit
from services.bookings.setting_up.leaving import stop_working
from services.chat.members import start_chatting, stop_chatting
from services.identity.addresses.sealed_addresses import has_email, lookup_of
from services.identity.sessions.revocations import revoke
from services.journal import append as journal
from services.journal.topics import vendor_topic
from services.members.entries import (
    InvitationChanged,
    MemberEntry,
    MemberJoined,
    MemberRemoved,
    MemberRoleChanged,
)
from services.members.owners import has_other_owner
from services.packs.by_wallet import stop_paying
from services.viewer import Viewer


async def lock_vendor(session: AsyncSession, vendor_id: UUID) -> Vendor:
    """Return a vendor, locked so that its members change one at a time. Raises `NotFound`."""
    rows = select(Vendor).where(Vendor.id == vendor_id)
    vendor = (await session.exec(for_change(rows))).first()
    if vendor is None:
        raise NotFound
    return vendor


async def find_membership(
    session: AsyncSession, vendor_id: UUID, user_id: UUID
) -> VendorMember | None:
    """Return the membership of a user as it is now."""
    rows = select(VendorMember).where(
        VendorMember.vendor_id == vendor_id, VendorMember.user_id == user_id
    )
    return (await session.exec(rows.execution_options(populate_existing=True))).first()


async def join(
    session: AsyncSession, viewer: Viewer, vendor_id: UUID, user: User, role: MemberRole
) -> VendorMember:
    """Make a user a member, with nothing unread. A pending invitation of the address is used up."""
    member = VendorMember(vendor_id=vendor_id, user_id=user.id, role=role)
    session.add(member)
    audit.append(session, viewer, AuditAct.ADD_MEMBER, subject_id=user.id)
    _publish(session, member, MemberJoined(member.id, user.id))
    if may(role, Permission.CHAT):
        await start_chatting(session, vendor_id, user.id)
    invited = has_email(MemberInvitation, lookup_of(user))
    await _end_invitations(session, vendor_id, invited, InvitationState.ACCEPTED)
    return member


async def set_role(
    session: AsyncSession, viewer: Viewer, member: VendorMember, role: MemberRole
) -> None:
    """Change a role. Raises `LastOwner`."""
    if member.role is MemberRole.OWNER:
        await _ensure_owner_left(session, member)
    before, member.role = member.role, role
    audit.append(session, viewer, AuditAct.CHANGE_MEMBER_ROLE, subject_id=member.user_id)
    _publish(session, member, MemberRoleChanged(member.id, member.user_id))
    chatted, chats = may(before, Permission.CHAT), may(role, Permission.CHAT)
    if chats and not chatted:
        await start_chatting(session, member.vendor_id, member.user_id)
    elif chatted and not chats:
        await stop_chatting(session, member.vendor_id, member.user_id)
    if may(before, Permission.MANAGE_PACKS) and not may(role, Permission.MANAGE_PACKS):
        await stop_paying(session, member.vendor_id, member.user_id)
    await _revoke_invitations(session, member, role)


async def end_membership(session: AsyncSession, viewer: Viewer, member: VendorMember) -> None:
    """Remove a member. Raises `LastOwner`."""
    if member.role is MemberRole.OWNER:
        await _ensure_owner_left(session, member)
    audit.append(session, viewer, AuditAct.REMOVE_MEMBER, subject_id=member.user_id)
    _publish(session, member, MemberRemoved(member.id, member.user_id))
    await stop_working(session, member.vendor_id, member.user_id)
    await stop_chatting(session, member.vendor_id, member.user_id)
    await stop_paying(session, member.vendor_id, member.user_id)
    await _revoke_invitations(session, member, None)
    await session.delete(member)


def publish_invitation(session: AsyncSession, vendor_id: UUID, invitation_id: UUID) -> None:
    entry = InvitationChanged(invitation_id)
    journal.append(session, entry, to=[vendor_topic(vendor_id)])


def _publish(session: AsyncSession, member: VendorMember, entry: MemberEntry) -> None:
    """Publish a change, and close the user's connections: they come back with their new rights.

    A subscription checks rights when something changes, and until then a former member would keep
    it open.
    """
    journal.append(session, entry, to=[vendor_topic(member.vendor_id)])
    revoke(session, RevocationKind.USER, member.user_id)


async def _ensure_owner_left(session: AsyncSession, leaving: VendorMember) -> None:
    """Raise `LastOwner` if a vendor has no other owner who stays and can sign in."""
    if not await has_other_owner(session, leaving.vendor_id, leaving.user_id):
        raise LastOwner


async def _revoke_invitations(
    session: AsyncSession, member: VendorMember, role: MemberRole | None
) -> None:
    """Revoke a member's invitations to roles that they cannot give any more."""
    given = role if role and may(role, Permission.MANAGE_MEMBERS) else None
    lost = [one for one in MemberRole if given is None or not given.covers(one)]
    of_member = and_(
        col(MemberInvitation.invited_by_id) == member.user_id, col(MemberInvitation.role).in_(lost)
    )
    await _end_invitations(session, member.vendor_id, of_member, InvitationState.REVOKED)


async def _end_invitations(
    session: AsyncSession, vendor_id: UUID, which: ColumnElement[bool], state: InvitationState
) -> None:
    ended = await session.exec(
        update(MemberInvitation)
        .where(
            col(MemberInvitation.vendor_id) == vendor_id,
            col(MemberInvitation.state) == InvitationState.PENDING,
            which,
        )
        .values(state=state, ended_at=now())
        .returning(col(MemberInvitation.id))
    )
    for invitation_id in ended.scalars():
        publish_invitation(session, vendor_id, invitation_id)
