"""The consequences of the end of memberships, before they end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlmodel import col, func, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from models.bookings.bookings import OCCUPYING, Booking
from models.bookings.setting_up.resources import Resource
from models.chat.conversations import Conversation
from models.members import InvitationState, MemberInvitation, Permission
from models.vendors import VendorMember
from services.vendors.access import works_at
from services.viewer import Viewer


@dataclass(frozen=True)
class RemovalQuote:
    """Counts of what is unassigned, revoked, and to be moved."""

    conversations: int
    invitations: int
    bookings: int


async def quote_removals(
    session: AsyncSession, viewer: Viewer, member_ids: Sequence[UUID]
) -> Mapping[UUID, RemovalQuote]:
    """Return what follows for the viewer's own memberships, and those that they manage."""
    if viewer.optional_user_id is None:
        return {}
    rows = select(col(VendorMember.id), _conversations(), _invitations(), _bookings())
    if not viewer.admin:
        managed = works_at(viewer.staff, col(VendorMember.vendor_id), Permission.MANAGE_MEMBERS)
        rows = rows.where(or_(VendorMember.user_id == viewer.user_id, managed))
    found = await session.exec(rows.where(col(VendorMember.id).in_(member_ids)))
    return {id: RemovalQuote(*counts) for id, *counts in found}


def _conversations() -> Any:
    return _count(
        Conversation,
        Conversation.vendor_id == VendorMember.vendor_id,
        Conversation.assignee_id == VendorMember.user_id,
    )


def _invitations() -> Any:
    return _count(
        MemberInvitation,
        MemberInvitation.vendor_id == VendorMember.vendor_id,
        MemberInvitation.invited_by_id == VendorMember.user_id,
        MemberInvitation.state == InvitationState.PENDING,
        MemberInvitation.expires_at > now(),
    )


def _bookings() -> Any:
    own = select(Resource.id).where(
        Resource.vendor_id == VendorMember.vendor_id, Resource.member_id == VendorMember.user_id
    )
    to_come = Booking.starts_at > now(), col(Booking.state).in_(OCCUPYING)
    return _count(Booking, col(Booking.staff_id).in_(own.correlate(VendorMember)), *to_come)


def _count(table: Any, *conditions: Any) -> Any:
    counted = select(func.count()).select_from(table).where(*conditions)
    return counted.correlate(VendorMember).scalar_subquery()
