"""Vendors."""

from typing import Annotated, Any
from uuid import UUID

import strawberry

from core.keyset import Listing
from dataloaders.vendors import visible_vendor
from engine.arguments import PUBLIC_COUNT_COST, SEARCH_COST, Search
from engine.connections import Connection, connection
from engine.context import Info
from engine.ids import id_of
from engine.mutation import mutation
from engine.types import field
from models import vendors as rows
from models.audit import AuditAct
from models.errors import IdempotencyInProgress, IdempotencyKeyReused, InvalidInput, NotFound
from models.validation import parse
from schema.vendors.inputs import (
    CreateVendorInput,
    SuspensionReason,
    VendorId,
    VendorOrder,
    VendorWhere,
    vendor_draft,
    vendor_filter,
)
from schema.vendors.types import Vendor
from schema.vendors.updates import UpdateVendorInput, vendor_images, vendor_patch
from services.vendors import creation, follows, profiles, queries, suspensions

Where = Annotated[VendorWhere | None, strawberry.argument(description="Filters the list.")]
OrderBy = Annotated[
    VendorOrder, strawberry.argument(description="The order. Ignored with `search`.")
]


VendorNodeId = Annotated[UUID, id_of("Vendor")]


@strawberry.type
class VendorQuery:
    @connection(
        Connection[Vendor],
        "Vendors that the viewer can see. With `search`, by relevance: misspellings are tolerated.",
        argument_costs={"search": SEARCH_COST},
        count_cost=PUBLIC_COUNT_COST,
        public=True,
    )
    def vendors(
        self,
        info: Info,
        where: Where = None,
        search: Search = None,
        order_by: OrderBy = VendorOrder.NAME,
    ) -> Listing[Any]:
        wanted = vendor_filter(where, search)
        newest = order_by is VendorOrder.NEWEST
        return queries.search_vendors(info.context.viewer, wanted, newest=newest)

    @field("Returns a vendor. Null if it doesn't exist or the viewer can't see it.", public=True)
    async def vendor(self, info: Info, id: VendorNodeId) -> Vendor | None:
        return Vendor.wrap_optional(await info.context.loaders[visible_vendor].load(id))


@strawberry.type
class VendorMutation:
    @mutation(
        vendor=Vendor,
        while_impersonating=True,
        audit=AuditAct.UPDATE_VENDOR,
        raises=(InvalidInput, NotFound),
        repeatable="sets values",
    )
    async def update_vendor(self, info: Info, input: UpdateVendorInput) -> rows.Vendor:
        """Change the profile of a vendor. Requires its MANAGER or OWNER role."""
        patch, images = vendor_patch(input), vendor_images(input)
        async with info.context.transaction() as session:
            return await profiles.update_vendor(
                session,
                info.context.viewer,
                vendor_id=input.vendor_id,
                patch=patch,
                images=images,
            )

    @mutation(
        vendor=Vendor, while_impersonating=True, raises=(NotFound,), repeatable="sets a state"
    )
    async def follow_vendor(self, info: Info, vendor_id: VendorId) -> rows.Vendor:
        """Follow a vendor. Has no effect if the viewer follows it already."""
        async with info.context.transaction() as session:
            return await follows.follow_vendor(session, info.context.viewer, vendor_id=vendor_id)

    @mutation(
        vendor=Vendor, while_impersonating=True, raises=(NotFound,), repeatable="sets a state"
    )
    async def unfollow_vendor(self, info: Info, vendor_id: VendorId) -> rows.Vendor:
        """Follow a vendor no longer."""
        async with info.context.transaction() as session:
            return await follows.unfollow_vendor(session, info.context.viewer, vendor_id=vendor_id)

    @mutation(
        vendor=Vendor,
        audit=AuditAct.CREATE_VENDOR,
        raises=(InvalidInput, IdempotencyKeyReused, IdempotencyInProgress),
    )
    async def create_vendor(self, info: Info, input: CreateVendorInput) -> rows.Vendor:
        """Create a vendor with its first owner. It is approved at once. Only admins can do this."""
        async with info.context.transaction() as session:
            return await creation.create_vendor(
                session,
                info.context.viewer,
                vendor_draft(input),
                owner=input.owner.given(),
                category_id=input.category_id,
                idempotency_key=input.idempotency_key,
            )

    @mutation(
        vendor=Vendor,
        audit=AuditAct.SUSPEND_VENDOR,
        raises=(InvalidInput, NotFound, rows.InvalidVendorStatus),
        repeatable="refuses a suspended vendor",
    )
    async def suspend_vendor(
        self, info: Info, vendor_id: VendorId, reason: SuspensionReason
    ) -> rows.Vendor:
        """Suspend an approved vendor: its offers are not listed, and its vouchers are refused.
        Only admins can do this.
        """
        given = parse(rows.Suspending, reason=reason)
        async with info.context.transaction() as session:
            return await suspensions.suspend_vendor(
                session, info.context.viewer, vendor_id=vendor_id, reason=given.reason
            )

    @mutation(
        vendor=Vendor,
        audit=AuditAct.RESTORE_VENDOR,
        raises=(NotFound, rows.InvalidVendorStatus),
        repeatable="refuses a restored vendor",
    )
    async def restore_vendor(self, info: Info, vendor_id: VendorId) -> rows.Vendor:
        """End the suspension of a vendor. Vouchers that have not expired are valid again. Only
        admins can do this.
        """
        async with info.context.transaction() as session:
            return await suspensions.restore_vendor(
                session, info.context.viewer, vendor_id=vendor_id
            )
