"""Packs that are sold, and what vendors have of them."""

from typing import Annotated, Any

import strawberry

from core.keyset import Listing
from engine.connections import Connection, connection
from engine.context import Info
from engine.types import field
from schema.packs.inputs import PackWhere, VendorId, WantedStates, WantedVendor, pack_filter
from schema.packs.types import Pack, PackBalance, PackSubscriptionConnection
from services.packs import access
from services.packs.balance import read_pack_balance

Where = Annotated[PackWhere | None, strawberry.argument(description="Filters the list.")]


@strawberry.type
class PackQuery:
    @connection(Connection[Pack], "Packs that are sold, newest first. RETIRED ones are for admins.")
    def packs(self, info: Info, where: Where = None) -> Listing[Any]:
        return access.list_packs(info.context.viewer, pack_filter(where))

    @field(
        "The units that a vendor has left of its packs. Visible to its owners and managers, and to"
        " admins. Subscription: `packBalanceChanges`."
    )
    async def pack_balance(self, info: Info, vendor_id: VendorId) -> PackBalance | None:
        required = info.context.app.settings.packs_required
        async with info.context.read_session() as session:
            found = await read_pack_balance(
                session, info.context.viewer, vendor_id, packs_required=required
            )
        return PackBalance.wrap(found)

    @connection(
        PackSubscriptionConnection,
        "Subscriptions to packs of the viewer's vendors, newest first. Admins see all."
        " Subscription: `packBalanceChanges`.",
    )
    def pack_subscriptions(
        self, info: Info, vendor_id: WantedVendor = None, states: WantedStates = None
    ) -> Listing[Any]:
        return access.list_subscriptions(info.context.viewer, vendor_id, states)
