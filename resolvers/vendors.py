"""Vendors."""

from typing import Annotated, Any
from uuid import UUID

import strawberry

from core.errors import BadInput
from core.keyset import Listing
from dataloaders.vendors import visible_vendor
from engine.arguments import NEAR_COST, OPEN_COST, PUBLIC_COUNT_COST, SEARCH_COST, Search
from engine.connections import connection
from engine.context import Info
from engine.ids import optional_id_of
from engine.mutation import mutation
from engine.types import field
from models import vendors as rows
from models.admins.suspensions import OwnAccount
from models.audit import AuditAct
from models.errors import IdempotencyInProgress, IdempotencyKeyReused, InvalidInput, NotFound
from models.validation import parse
from models.vendors.commissions import CommissionDraft
from models.vendors.slugs import SlugLimitReached, SlugTaken
from models.vendors.suspensions import Suspending
from schema.vendors.enums import VendorOrder
from schema.vendors.inputs import (
    CreateVendorInput,
    SetCommissionInput,
    SuspensionReason,
    VendorId,
    VendorWhere,
    vendor_draft,
    vendor_filter,
)
from schema.vendors.types import Vendor, VendorConnection
from schema.vendors.updates import UpdateVendorInput, hours_patch, vendor_images, vendor_patch
from services.vendors import (
    commissions,
    creation,
    follows,
    profiles,
    queries,
    slugs,
    suspensions,
)

Where = Annotated[VendorWhere | None, strawberry.argument(description="Filters the list.")]
OrderBy = Annotated[
    VendorOrder,
    strawberry.argument(
        description="The order. With `search` by relevance, unless it is DISTANCE."
    ),
]


VendorNodeId = Annotated[UUID | None, optional_id_of("Vendor", "The vendor's id.")]
VendorSlug = Annotated[
    str | None,
    strawberry.argument(
        description="A slug that the vendor has, or had before: then `canonicalSlug` is another"
        " one."
    ),
]


@strawberry.type
class VendorQuery:
    @connection(
        VendorConnection,
        "Vendors that the viewer can see. With `search`, by relevance: misspellings are tolerated.",
        argument_costs={
            "search": SEARCH_COST,
            "where.near": NEAR_COST,
            "where.openNow": OPEN_COST,
        },
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
        return queries.search_vendors(info.context.viewer, wanted, order_by)

    @field(
        "Returns a vendor by its id or by its slug. Null if it doesn't exist or the viewer can't"
        " see it.",
        public=True,
    )
    async def vendor(
        self, info: Info, id: VendorNodeId = None, slug: VendorSlug = None
    ) -> Vendor | None:
        if (id is None) == (slug is None):
            raise BadInput("Choose a business by its id or by its address.")
        if slug is not None:
            async with info.context.read_session() as session:
                id = await slugs.find_vendor_id(session, slug)
        if id is None:
            return None
        return Vendor.wrap_optional(await info.context.loaders[visible_vendor].load(id))


@strawberry.type
class VendorMutation:
    @mutation(
        vendor=Vendor,
        while_impersonating=True,
        audit=AuditAct.UPDATE_VENDOR,
        raises=(InvalidInput, NotFound, SlugTaken, SlugLimitReached, rows.InvalidVendorStatus),
        repeatable="sets values",
    )
    async def update_vendor(self, info: Info, input: UpdateVendorInput) -> rows.Vendor:
        """Change the profile of a vendor. Requires its MANAGER or OWNER role."""
        patch, hours, images = vendor_patch(input), hours_patch(input), vendor_images(input)
        async with info.context.transaction() as session:
            return await profiles.update_vendor(
                session,
                info.context.viewer,
                info.context.app.sealer,
                vendor_id=input.vendor_id,
                patch=patch,
                hours=hours,
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
        for_admins=True,
        vendor=Vendor,
        audit=AuditAct.CREATE_VENDOR,
        raises=(
            InvalidInput,
            OwnAccount,
            rows.LastOwner,
            IdempotencyKeyReused,
            IdempotencyInProgress,
        ),
    )
    async def create_vendor(self, info: Info, input: CreateVendorInput) -> rows.Vendor:
        """Create a vendor with its first owner, another user. It is approved at once. Only admins
        can do this.
        """
        async with info.context.transaction() as session:
            return await creation.create_vendor(
                session,
                info.context.app.sealer,
                info.context.viewer,
                vendor_draft(input),
                owner=input.owner.given(),
                category_id=input.category_id,
                idempotency_key=input.idempotency_key,
            )

    @mutation(
        for_admins=True,
        vendor=Vendor,
        audit=AuditAct.SET_COMMISSION,
        raises=(InvalidInput, NotFound, rows.OwnVendor),
        repeatable="sets values",
    )
    async def set_commission(self, info: Info, input: SetCommissionInput) -> rows.Vendor:
        """Set the commission of a vendor from a time on, and inform its owners. Orders keep the
        rate at which they were placed. Only admins can do this.
        """
        draft = parse(CommissionDraft, bps=input.bps, starts_at=input.starts_at)
        async with info.context.transaction() as session:
            return await commissions.set_commission(
                session, info.context.viewer, vendor_id=input.vendor_id, draft=draft
            )

    @mutation(
        for_admins=True,
        vendor=Vendor,
        audit=AuditAct.SUSPEND_VENDOR,
        raises=(InvalidInput, NotFound, rows.OwnVendor, rows.InvalidVendorStatus),
        repeatable="refuses a suspended vendor",
    )
    async def suspend_vendor(
        self, info: Info, vendor_id: VendorId, reason: SuspensionReason
    ) -> rows.Vendor:
        """Suspend an approved vendor: its offers are not listed, and its vouchers are refused.
        Only admins can do this.
        """
        given = parse(Suspending, reason=reason)
        async with info.context.transaction() as session:
            return await suspensions.suspend_vendor(
                session, info.context.viewer, vendor_id=vendor_id, reason=given.reason
            )

    @mutation(
        for_admins=True,
        vendor=Vendor,
        audit=AuditAct.RESTORE_VENDOR,
        raises=(NotFound, rows.OwnVendor, rows.InvalidVendorStatus, rows.LastOwner),
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
