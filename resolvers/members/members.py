"""Members of vendors: given another role, removed, and leaving."""

import strawberry

from engine.context import Info
from engine.mutation import mutation
from models import members as rows
from models.audit import AuditAct
from models.errors import NotFound
from models.vendors import LastOwner, VendorMember
from models.vendors import Vendor as VendorRow
from schema.members.inputs import MemberId, NewRole, VendorId
from schema.members.types import Member
from schema.vendors.types import Vendor
from services.members import members


@strawberry.type
class OwnMemberMutation:
    @mutation(
        personal=True,
        fresh=True,
        audit=AuditAct.CHANGE_MEMBER_ROLE,
        member=Member,
        raises=(NotFound, rows.RoleAboveOwn, LastOwner),
        repeatable="sets a role",
    )
    async def change_member_role(
        self, info: Info, member_id: MemberId, role: NewRole
    ) -> VendorMember:
        """Give a member another role. Requires the MANAGER or OWNER role, and at least the former
        and the new role of the member. Rights change at once, and open connections of the member
        are closed.
        """
        async with info.context.transaction() as session:
            return await members.change_member_role(
                session, info.context.viewer, member_id=member_id, role=role
            )

    @mutation(
        personal=True,
        fresh=True,
        audit=AuditAct.REMOVE_MEMBER,
        vendor=Vendor,
        raises=(NotFound, rows.RoleAboveOwn, LastOwner),
        repeatable="refuses a removed member",
    )
    async def remove_member(self, info: Info, member_id: MemberId) -> VendorRow:
        """Remove a member, who loses its rights at once and whose open connections are closed. Its
        staff entry is retired, and the calendars that it added block no times any more. Requires
        the MANAGER or OWNER role, and at least the role of the member.
        """
        async with info.context.transaction() as session:
            return await members.remove_member(session, info.context.viewer, member_id=member_id)

    @mutation(
        personal=True,
        audit=AuditAct.REMOVE_MEMBER,
        raises=(NotFound, LastOwner),
        repeatable="refuses a member who has left",
    )
    async def leave_vendor(self, info: Info, vendor_id: VendorId) -> None:
        """End the viewer's membership at a vendor, as `removeMember` does. The last owner cannot
        leave.
        """
        async with info.context.transaction() as session:
            await members.leave_vendor(session, info.context.viewer, vendor_id=vendor_id)
