"""Invitations of members: sent, sent again and revoked."""

import strawberry

from engine.context import Info
from engine.mutation import mutation
from models import members as rows
from models.audit import AuditAct
from models.errors import InvalidInput, NotFound
from models.quotas import DailyLimitReached
from models.validation import parse
from schema.members.inputs import InvitationId, InvitedAddress, NewRole, VendorId
from schema.members.types import MemberInvitation
from services.i18n import language_of
from services.members import invitations


@strawberry.type
class InvitationMutation:
    @mutation(
        personal=True,
        fresh=True,
        audit=AuditAct.INVITE_MEMBER,
        invitation=MemberInvitation,
        raises=(
            InvalidInput,
            NotFound,
            rows.RoleAboveOwn,
            rows.AlreadyMember,
            rows.InvitationLimitReached,
            DailyLimitReached,
        ),
        repeatable="an address has one open invitation at a vendor",
    )
    async def invite_member(
        self, info: Info, vendor_id: VendorId, email: InvitedAddress, role: NewRole
    ) -> rows.MemberInvitation:
        """Invite a person to a vendor, with a role up to the viewer's own. Requires the MANAGER or
        OWNER role. A mail with a link is sent; the link is valid for 7 days. An open invitation of
        the address is replaced. At most 50 are open per vendor. Limited per address and per day.
        """
        context = info.context
        draft = parse(rows.InvitationDraft, email=email, role=role)
        async with context.transaction() as session:
            return await invitations.invite_member(
                session,
                context.app.sealer,
                context.viewer,
                context.app.registration_limits,
                context.redis_allowance,
                vendor_id=vendor_id,
                draft=draft,
                locale=language_of(context.locales),
            )

    @mutation(
        personal=True,
        fresh=True,
        audit=AuditAct.INVITE_MEMBER,
        invitation=MemberInvitation,
        raises=(NotFound, rows.RoleAboveOwn, DailyLimitReached),
        repeatable="mails per address are limited, and each replaces the former",
    )
    async def resend_invitation(
        self, info: Info, invitation_id: InvitationId
    ) -> rows.MemberInvitation:
        """Send the mail of an open invitation again. Its link replaces the former one, and is valid
        for 7 days. Requires the MANAGER or OWNER role. Limited per address and per day.
        """
        context = info.context
        async with context.transaction() as session:
            return await invitations.resend_invitation(
                session,
                context.app.sealer,
                context.viewer,
                context.app.registration_limits,
                context.redis_allowance,
                invitation_id=invitation_id,
                locale=language_of(context.locales),
            )

    @mutation(
        personal=True,
        audit=AuditAct.REVOKE_INVITATION,
        invitation=MemberInvitation,
        raises=(NotFound, rows.RoleAboveOwn),
        repeatable="refuses an invitation that has ended",
    )
    async def revoke_invitation(
        self, info: Info, invitation_id: InvitationId
    ) -> rows.MemberInvitation:
        """End an open invitation. Requires the MANAGER or OWNER role, and at least the role that
        the invitation gives.
        """
        async with info.context.transaction() as session:
            return await invitations.revoke_invitation(
                session, info.context.viewer, invitation_id=invitation_id
            )
