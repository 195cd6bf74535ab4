"""Members of vendors, added and removed by admins."""

import strawberry

from engine.context import Info
from engine.mutation import mutation
from models.admins.suspensions import OwnAccount
from models.audit import AuditAct
from models.errors import InvalidInput, NotFound
from models.vendors import LastOwner, OwnVendor
from models.vendors import Vendor as VendorRow
from schema.members.inputs import MemberUserId, NewMember, NewRole, VendorId
from schema.vendors.types import Vendor
from services.members import administration


@strawberry.type
class AdminMemberMutation:
    @mutation(
        personal=True,
        fresh=True,
        vendor=Vendor,
        audit=AuditAct.ADD_MEMBER,
        raises=(InvalidInput, NotFound, OwnAccount, OwnVendor, LastOwner),
        repeatable="sets a role",
    )
    async def add_vendor_member(
        self, info: Info, vendor_id: VendorId, user: NewMember, role: NewRole
    ) -> VendorRow:
        """Add a user to a vendor, or change the role of a member, without an invitation. Only
        admins can do this.
        """
        async with info.context.transaction() as session:
            return await administration.add_vendor_member(
                session,
                info.context.app.sealer,
                info.context.viewer,
                vendor_id=vendor_id,
                account=user.given(),
                role=role,
            )

    @mutation(
        personal=True,
        fresh=True,
        vendor=Vendor,
        audit=AuditAct.REMOVE_MEMBER,
        raises=(NotFound, OwnVendor, LastOwner),
        repeatable="refuses a removed member",
    )
    async def remove_vendor_member(
        self, info: Info, vendor_id: VendorId, user_id: MemberUserId
    ) -> VendorRow:
        """Remove a member of a vendor, who loses its rights at once. Only admins can do this."""
        async with info.context.transaction() as session:
            return await administration.remove_vendor_member(
                session,
                info.context.viewer,
                vendor_id=vendor_id,
                user_id=user_id,
            )
