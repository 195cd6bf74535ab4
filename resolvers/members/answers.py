"""Invitations of members, as the people who are invited see and answer them."""

import strawberry

from engine.context import Info
from engine.mutation import mutation
from engine.types import field
from models import members as rows
from models.audit import AuditAct
from models.identity.admin_invitations import InvitationEnded
from models.vendors import Vendor as VendorRow
from schema.members.inputs import InvitationToken
from schema.members.types import MemberInvitation
from schema.vendors.types import Vendor
from services.members import acceptance, invitations


@strawberry.type
class InvitationQuery:
    @field(
        "Returns the open invitation of a link, also without signing in. Null if it has ended.",
        cost=10,
    )
    async def invitation(self, info: Info, token: InvitationToken) -> MemberInvitation | None:
        async with info.context.read_session() as session:
            found = await invitations.find_invitation(session, token)
        return MemberInvitation.wrap_optional(found)


@strawberry.type
class AnswerMutation:
    @mutation(
        personal=True,
        audit=AuditAct.ADD_MEMBER,
        vendor=Vendor,
        raises=(InvitationEnded, rows.WrongRecipient),
        repeatable="a link is used once",
    )
    async def accept_invitation(self, info: Info, token: InvitationToken) -> VendorRow:
        """Become a member of a vendor by the link of a mail. The viewer's account must have the
        address that was invited. Nothing is unread for a new member.
        """
        async with info.context.transaction() as session:
            return await acceptance.accept_invitation(session, info.context.viewer, token)

    @mutation(
        personal=True,
        audit=AuditAct.DECLINE_INVITATION,
        raises=(InvitationEnded,),
        repeatable="a link is used once",
    )
    async def decline_invitation(self, info: Info, token: InvitationToken) -> None:
        """Decline an invitation by the link of a mail. Needs no account."""
        async with info.context.transaction() as session:
            await acceptance.decline_invitation(session, info.context.viewer, token)
