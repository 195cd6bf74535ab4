"""Invitations of members: sent to an email address, sent again, revoked and listed."""

from functools import cache
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam
from sqlmodel import and_, col, func, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.clock import now
from core.database import exists_in
from core.keyset import Listing, newest_first
from core.redis.timeouts import RedisAllowance
from core.security.random_secrets import hash_secret
from core.security.sealed import Lookup, Sealer
from core.statements.pages import PageStatements
from core.statements.parameters import current_time
from models.audit import AuditAct
from models.errors import NotFound
from models.members import (
    MAX_OPEN_INVITATIONS,
    AlreadyMember,
    InvitationDraft,
    InvitationLimitReached,
    InvitationState,
    MemberInvitation,
    Permission,
    roles_with,
)
from models.quotas import DailyAct
from models.vendors import MemberRole, VendorMember
from services import jobs
from services.audit import entries as audit
from services.identity.accounts import find_user_by_email
from services.identity.addresses.sealed_addresses import (
    has_email,
    lookup_email,
    open_email,
    seal_email,
)
from services.identity.registrations.registration_limits import RegistrationLimits
from services.journal.topics import vendor_topic
from services.members.members import access_own, ensure_covered
from services.members.membership import find_membership, publish_invitation
from services.quotas import ensure_within_quota
from services.vendors.access import access_vendor, is_active_member, works_at
from services.viewer import Viewer


def visible_invitations(viewer: Viewer) -> SelectOfScalar[MemberInvitation]:
    """Select invitations to vendors whose members the viewer manages. Admins see all."""
    if viewer.admin:
        return select(MemberInvitation)
    managed = works_at(viewer.staff, col(MemberInvitation.vendor_id), Permission.MANAGE_MEMBERS)
    return select(MemberInvitation).where(managed)


def list_invitations(vendor_id: UUID) -> Listing[MemberInvitation]:
    """List the open invitations of a vendor, newest first."""
    return _statements().listing({"vendor_id": vendor_id}, topics=[vendor_topic(vendor_id)])


@cache
def _statements() -> PageStatements[MemberInvitation]:
    rows = select(MemberInvitation).where(
        MemberInvitation.vendor_id == bindparam("vendor_id"),
        MemberInvitation.state == InvitationState.PENDING,
        col(MemberInvitation.expires_at) > current_time(),
    )
    return PageStatements(Listing(rows, newest_first(MemberInvitation)))


async def find_invitation(session: AsyncSession, token: str) -> MemberInvitation | None:
    """Return the open invitation with this token, as it is now.

    It is open while its inviter may give the role: not while they are suspended.
    """
    rows = select(MemberInvitation).where(
        MemberInvitation.token_hash == hash_secret(token),
        MemberInvitation.state == InvitationState.PENDING,
        col(MemberInvitation.expires_at) > now(),
        _inviter_may_give_role(),
    )
    return (await session.exec(rows.execution_options(populate_existing=True))).first()


async def invite_member(
    session: AsyncSession,
    sealer: Sealer,
    viewer: Viewer,
    limits: RegistrationLimits,
    allowance: RedisAllowance,
    *,
    vendor_id: UUID,
    draft: InvitationDraft,
    locale: str,
) -> MemberInvitation:
    """Invite the owner of an email address, or renew the invitation that is pending.

    The answer does not depend on whether the address has an account, unless a member has it.
    Raises `NotFound`, `RoleAboveOwn`, `AlreadyMember`, `InvitationLimitReached`,
    `DailyLimitReached` and `TooManyRequests`. Mails to the address are charged last, so that who
    may not invite learns nothing about them.
    """
    await access_vendor(session, viewer, vendor_id, Permission.MANAGE_MEMBERS, change=True)
    own = await access_own(session, viewer, vendor_id)
    ensure_covered(own, draft.role)
    email = lookup_email(sealer, draft.email)
    user = await find_user_by_email(session, email)
    if user is not None and await find_membership(session, vendor_id, user.id):
        raise AlreadyMember(field=["email"])
    invitation = await _find_pending(session, vendor_id, email)
    if invitation is None or not invitation.is_open:
        await _ensure_room(session, vendor_id)
    if invitation is None:
        invitation = MemberInvitation(
            vendor_id=vendor_id,
            role=draft.role,
            locale=locale,
            invited_by_id=own.user_id,
        )
        seal_email(sealer, invitation, draft.email)
        session.add(invitation)
    else:
        ensure_covered(own, invitation.role)
        invitation.renew(role=draft.role, invited_by_id=own.user_id, locale=locale)
    async with limits.mail(open_email(sealer, invitation), allowance):
        await _send(session, viewer, invitation)
    return invitation


async def resend_invitation(
    session: AsyncSession,
    sealer: Sealer,
    viewer: Viewer,
    limits: RegistrationLimits,
    allowance: RedisAllowance,
    *,
    invitation_id: UUID,
    locale: str,
) -> MemberInvitation:
    """Send another mail, whose link replaces the former one. Raises as `invite_member` does."""
    own, invitation = await _access_open(session, viewer, invitation_id)
    invitation.renew(role=invitation.role, invited_by_id=own.user_id, locale=locale)
    async with limits.mail(open_email(sealer, invitation), allowance):
        await _send(session, viewer, invitation)
    return invitation


async def revoke_invitation(
    session: AsyncSession, viewer: Viewer, *, invitation_id: UUID
) -> MemberInvitation:
    """End an open invitation. Raises `NotFound` and `RoleAboveOwn`."""
    _, invitation = await _access_open(session, viewer, invitation_id)
    invitation.end(InvitationState.REVOKED)
    vendor_id = invitation.vendor_id
    audit.append(session, viewer, AuditAct.REVOKE_INVITATION, subject_id=vendor_id)
    publish_invitation(session, vendor_id, invitation.id)
    return invitation


def _inviter_may_give_role() -> ColumnElement[bool]:
    managing = roles_with(Permission.MANAGE_MEMBERS)
    role = col(VendorMember.role)
    covers = [
        and_(
            col(MemberInvitation.role) == given,
            role.in_([own for own in managing if own.covers(given)]),
        )
        for given in MemberRole
    ]
    return exists_in(
        VendorMember,
        VendorMember.vendor_id == MemberInvitation.vendor_id,
        VendorMember.user_id == MemberInvitation.invited_by_id,
        is_active_member(),
        or_(*covers),
    )


async def _access_open(
    session: AsyncSession, viewer: Viewer, invitation_id: UUID
) -> tuple[VendorMember, MemberInvitation]:
    """Return the viewer's membership and an open invitation that they manage.

    The vendor is locked, so the invitation is not accepted meanwhile.
    """
    viewer.require_user()  # before the row is looked up, so an anonymous caller learns nothing
    rows = select(MemberInvitation).where(MemberInvitation.id == invitation_id)
    found = (await session.exec(rows)).first()
    if found is None:
        raise NotFound
    await access_vendor(session, viewer, found.vendor_id, Permission.MANAGE_MEMBERS, change=True)
    current = rows.execution_options(populate_existing=True)
    invitation = (await session.exec(current)).first()
    if invitation is None or not invitation.is_open:
        raise NotFound
    own = await access_own(session, viewer, invitation.vendor_id)
    ensure_covered(own, invitation.role)
    return own, invitation


async def _find_pending(
    session: AsyncSession, vendor_id: UUID, email: Lookup
) -> MemberInvitation | None:
    """Return the pending invitation of an address, even if its time has ended."""
    rows = select(MemberInvitation).where(
        MemberInvitation.vendor_id == vendor_id,
        has_email(MemberInvitation, email),
        MemberInvitation.state == InvitationState.PENDING,
    )
    return (await session.exec(rows.execution_options(populate_existing=True))).first()


async def _ensure_room(session: AsyncSession, vendor_id: UUID) -> None:
    """Raise `InvitationLimitReached` if the locked vendor has as many as it may have."""
    open_ones = select(func.count()).where(
        MemberInvitation.vendor_id == vendor_id,
        MemberInvitation.state == InvitationState.PENDING,
        col(MemberInvitation.expires_at) > now(),
    )
    if (await session.exec(open_ones)).one() >= MAX_OPEN_INVITATIONS:
        raise InvitationLimitReached(most=MAX_OPEN_INVITATIONS)


async def _send(session: AsyncSession, viewer: Viewer, invitation: MemberInvitation) -> None:
    await ensure_within_quota(session, viewer.require_user(), DailyAct.INVITATION)
    vendor_id = invitation.vendor_id
    audit.append(session, viewer, AuditAct.INVITE_MEMBER, subject_id=vendor_id)
    publish_invitation(session, vendor_id, invitation.id)
    await jobs.defer(session, "send_invitation", invitation_id=invitation.id)
