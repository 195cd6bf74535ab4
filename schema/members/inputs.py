"""Arguments about members of vendors and invitations."""

from typing import Annotated
from uuid import UUID

import strawberry

from engine.ids import id_of
from schema.vendors.enums import MemberRole
from schema.vendors.inputs import AccountInput

VendorId = Annotated[UUID, id_of("Vendor", "The vendor's id.")]
MemberId = Annotated[UUID, id_of("Member", "The id of the membership.")]
MemberUserId = Annotated[UUID, id_of("User", "The member's user id.")]
InvitationId = Annotated[UUID, id_of("MemberInvitation", "The id of an open invitation.")]
NewMember = Annotated[AccountInput, strawberry.argument(description="The user to add.")]
NewRole = Annotated[MemberRole, strawberry.argument(description="The user's role at the vendor.")]
InvitedAddress = Annotated[
    str,
    strawberry.argument(
        description="The email address of the person, at most 254 characters. The person needs no"
        " account yet."
    ),
]
InvitationToken = Annotated[
    str, strawberry.argument(description="The part of the mail's link after `#`.")
]
