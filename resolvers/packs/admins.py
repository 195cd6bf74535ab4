"""Packs that admins sell, and who needs them."""

import strawberry

from engine.context import Info
from engine.mutation import mutation
from models.audit import AuditAct
from models.errors import KEYED, InvalidInput, NotFound
from models.packs import packs as rows
from models.vendors import OwnVendor
from models.vendors import Vendor as VendorRow
from schema.packs.inputs import CreatePackInput, Required, UpdatePackInput, VendorId
from schema.packs.types import Pack, PackId
from schema.vendors.types import Vendor
from services.packs import packs


@strawberry.type
class PackAdminMutation:
    @mutation(
        for_admins=True,
        pack=Pack,
        audit=AuditAct.CREATE_PACK,
        raises=(InvalidInput, rows.PackLimitReached, *KEYED),
    )
    async def create_pack(self, info: Info, input: CreatePackInput) -> rows.Pack:
        """Create a pack, which vendors can buy from now on. Only admins can do this."""
        draft = input.draft()
        async with info.context.transaction() as session:
            return await packs.create_pack(
                session, info.context.viewer, draft, idempotency_key=input.idempotency_key
            )

    @mutation(
        for_admins=True,
        pack=Pack,
        audit=AuditAct.UPDATE_PACK,
        raises=(InvalidInput, NotFound, rows.PackRetired),
        repeatable="sets values",
    )
    async def update_pack(self, info: Info, input: UpdatePackInput) -> rows.Pack:
        """Change the titles and the prices of a pack. Only admins can do this."""
        patch = input.patch()
        async with info.context.transaction() as session:
            return await packs.update_pack(
                session, info.context.viewer, pack_id=input.pack_id, patch=patch
            )

    @mutation(
        for_admins=True,
        pack=Pack,
        audit=AuditAct.RETIRE_PACK,
        raises=(NotFound,),
        repeatable="sets a state",
    )
    async def retire_pack(self, info: Info, pack_id: PackId) -> rows.Pack:
        """Stop selling a pack. Units that were bought and subscriptions stay. Only admins can do
        this.
        """
        async with info.context.transaction() as session:
            return await packs.retire_pack(session, info.context.viewer, pack_id=pack_id)

    @mutation(
        for_admins=True,
        pack=Pack,
        audit=AuditAct.RESTORE_PACK,
        raises=(NotFound, rows.PackLimitReached),
        repeatable="sets a state",
    )
    async def restore_pack(self, info: Info, pack_id: PackId) -> rows.Pack:
        """Sell a pack again that was retired, at its former prices. Only admins can do this."""
        async with info.context.transaction() as session:
            return await packs.restore_pack(session, info.context.viewer, pack_id=pack_id)

    @mutation(
        for_admins=True,
        vendor=Vendor,
        audit=AuditAct.SET_PACK_RULE,
        raises=(NotFound, OwnVendor),
        repeatable="sets a value",
    )
    async def set_packs_required(
        self, info: Info, vendor_id: VendorId, required: Required = None
    ) -> VendorRow:
        """Decide whether a vendor needs packs to publish offers. Only admins can do this."""
        async with info.context.transaction() as session:
            return await packs.set_pack_rule(
                session, info.context.viewer, vendor_id=vendor_id, required=required
            )
