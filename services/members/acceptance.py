"""The answers of people who are invited to a vendor."""

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import for_reliance
from models.audit import AuditAct
from models.identity.accounts import User
from models.identity.admin_invitations import InvitationEnded
from models.members import InvitationState, MemberInvitation, WrongRecipient
from models.notifications.inbox import NotificationKind
from models.vendors import Vendor
from services.audit import entries as audit
from services.identity.addresses.sealed_addresses import lookup_of
from services.members.invitations import find_invitation
from services.members.membership import (
    find_membership,
    join,
    lock_vendor,
    publish_invitation,
)
from services.members.notifications import notify_user
from services.viewer import Viewer


async def access_invitation(session: AsyncSession, token: str) -> MemberInvitation:
    """Return the open invitation with this token. Raises `InvitationEnded`."""
    invitation = await find_invitation(session, token)
    if invitation is None:
        raise InvitationEnded
    return invitation


async def accept_invitation(session: AsyncSession, viewer: Viewer, token: str) -> Vendor:
    """Make the viewer a member. Raises `InvitationEnded` and `WrongRecipient`.

    The link alone is not enough: mails are forwarded. The account must have the invited address,
    which is always a verified one. The user is locked, so that the address stays until the commit,
    and the vendor, so that the invitation is used once and its inviter may still invite. A user
    who is a member already, and has taken the invited address since, keeps the role.
    """
    rows = select(User).where(User.id == viewer.require_user())
    user = (await session.exec(for_reliance(rows))).one()
    invitation = await access_invitation(session, token)
    if not lookup_of(user).matches(lookup_of(invitation)):
        raise WrongRecipient
    vendor = await lock_vendor(session, invitation.vendor_id)
    invitation = await access_invitation(session, token)
    if await find_membership(session, vendor.id, user.id) is not None:
        invitation.end(InvitationState.ACCEPTED)
        publish_invitation(session, vendor.id, invitation.id)
        return vendor
    inviter_id = invitation.invited_by_id
    await join(session, viewer, vendor.id, user, invitation.role)  # uses the invitation up
    await notify_user(session, inviter_id, NotificationKind.INVITATION_ACCEPTED, vendor.id)
    return vendor


async def decline_invitation(session: AsyncSession, viewer: Viewer, token: str) -> None:
    """End an invitation, for the reader of its mail. Raises `InvitationEnded`."""
    invitation = await access_invitation(session, token)
    await lock_vendor(session, invitation.vendor_id)
    invitation = await access_invitation(session, token)
    invitation.end(InvitationState.DECLINED)
    audit.append(session, viewer, AuditAct.DECLINE_INVITATION, subject_id=invitation.vendor_id)
    publish_invitation(session, invitation.vendor_id, invitation.id)
