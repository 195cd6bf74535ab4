"""Members of vendors, and invitations."""

from datetime import datetime
from uuid import UUID

import strawberry
from strawberry import relay

from dataloaders.identity import user_by_id
from dataloaders.members import quote_of_removal, visible_invitation, visible_member
from dataloaders.vendors import vendor_by_id
from engine.address_scalars import EmailAddress
from engine.context import Info
from engine.types import Rows, column, field, loaded, related
from models import members as rows
from models.vendors import VendorMember
from schema.lazy import LazyUser, LazyVendor
from schema.members.enums import InvitationState
from schema.vendors.enums import MemberRole
from services.members.removal_quotes import RemovalQuote as Quote


@strawberry.type(description="The consequences of removing a member, or of leaving.")
class RemovalQuote:
    conversations: int = strawberry.field(
        description="The conversations that are assigned to the member. They become unassigned."
    )
    invitations: int = strawberry.field(
        description="The open invitations by the member, which will be revoked."
    )
    bookings: int = strawberry.field(
        description="The bookings to come with the member, which stay for the vendor to move."
    )


@strawberry.type(
    description="The membership of a user at a vendor. Visible to the user, to members of the"
    " vendor with the STAFF role or higher, and to admins."
)
class Member(Rows[VendorMember], relay.Node, access=visible_member):
    id: relay.NodeID[UUID]
    role: MemberRole = column("The user's role at the vendor.")
    since: datetime = column("The time at which the user joined.", of="created_at")
    user: LazyUser = related(user_by_id, by="user_id", description="The user.")
    vendor: LazyVendor = related(
        vendor_by_id,
        by="vendor_id",
        description="The vendor.",
    )

    @loaded(
        quote_of_removal,
        by="id",
        description="The consequences of `removeMember` and `leaveVendor`. Null for all but the"
        " member, the vendor's owners and managers, and admins.",
    )
    def removal_quote(
        root: strawberry.Parent[VendorMember], found: Quote | None
    ) -> RemovalQuote | None:
        return None if found is None else RemovalQuote(**vars(found))


@strawberry.type(
    description="An invitation to become a member of a vendor. Visible to the vendor's owners and"
    " managers, to admins, and through its link."
)
class MemberInvitation(Rows[rows.MemberInvitation], relay.Node, access=visible_invitation):
    id: relay.NodeID[UUID]

    @field("The address that was invited. Only its account can accept.", needs=("id", "email"))
    def email(root: strawberry.Parent[rows.MemberInvitation], info: Info) -> EmailAddress | None:
        email = info.context.app.sealer.open(rows.EMAIL_COLUMN, root.id, root.email)
        return EmailAddress(email.decode())

    role: MemberRole = column("The role that the new member gets.")
    state: InvitationState = column("The state.")
    created_at: datetime = column("The time at which the address was first invited.")
    expires_at: datetime = column("The time at which the link expires.")
    vendor: LazyVendor = related(vendor_by_id, by="vendor_id", description="The vendor.")
    invited_by: LazyUser = related(
        user_by_id, by="invited_by_id", description="The member who invited last."
    )
