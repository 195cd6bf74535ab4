"""Root fields that read payouts."""

from typing import Annotated, Any

import strawberry

from core.keyset import Listing
from engine.connections import Connection, connection
from engine.context import Info
from engine.types import field
from schema.payouts.inputs import (
    DiscrepancyWhere,
    PayoutWhere,
    VendorId,
    WantedFileState,
    discrepancy_filter,
    payout_filter,
)
from schema.payouts.types import (
    AllPayoutsConnection,
    PayoutAccount,
    PayoutConnection,
    PayoutFile,
    ProviderTransaction,
    VendorBalance,
)
from schema.sorting import OrderBy, TimeOrder
from services.payouts import access, balances
from services.payouts.reconciliation import discrepancies

WherePayouts = Annotated[PayoutWhere | None, strawberry.argument(description="Filters the list.")]
WhereDiscrepancies = Annotated[
    DiscrepancyWhere | None, strawberry.argument(description="Filters the list.")
]


@strawberry.type
class ReadingQuery:
    @field(
        "The balance of a vendor, and its terms of payouts. For its owners and managers, and"
        " admins. Subscription: `payoutChanges`.",
        cost=5,
    )
    async def vendor_balance(self, info: Info, vendor_id: VendorId) -> VendorBalance:
        async with info.context.read_session() as session:
            found = await balances.read_vendor_balance(session, info.context.viewer, vendor_id)
        return VendorBalance.wrap(found)

    @field(
        "The account into which a vendor is paid out. Null if it has none. For its owners and"
        " managers, and admins.",
        cost=2,
    )
    async def payout_account(self, info: Info, vendor_id: VendorId) -> PayoutAccount | None:
        async with info.context.read_session() as session:
            found = await access.read_payout_account(session, info.context.viewer, vendor_id)
        return PayoutAccount.wrap_optional(found)

    @connection(
        PayoutConnection,
        "The payouts of a vendor, newest first. Empty for those who do not own or manage it."
        " Subscription: `payoutChanges`.",
    )
    def payouts(
        self,
        info: Info,
        vendor_id: VendorId,
        where: WherePayouts = None,
        order_by: OrderBy = TimeOrder.NEWEST,
    ) -> Listing[Any]:
        newest, wanted = order_by is TimeOrder.NEWEST, payout_filter(where)
        return access.list_payouts(info.context.viewer, vendor_id, wanted, newest=newest)

    @connection(AllPayoutsConnection, "The payouts of all vendors, newest first. For admins.")
    def all_payouts(
        self, info: Info, where: WherePayouts = None, order_by: OrderBy = TimeOrder.NEWEST
    ) -> Listing[Any]:
        newest = order_by is TimeOrder.NEWEST
        return access.list_all_payouts(info.context.viewer, payout_filter(where), newest=newest)

    @connection(Connection[PayoutFile], "Files of payouts for banks, newest first. For admins.")
    def payout_files(self, info: Info, state: WantedFileState = None) -> Listing[Any]:
        return access.list_payout_files(info.context.viewer, state)

    @connection(
        Connection[ProviderTransaction],
        "Lines of payment providers that do not agree with the ledger, those that were imported"
        " last first. For admins.",
    )
    def discrepancies(
        self, info: Info, where: WhereDiscrepancies = None, order_by: OrderBy = TimeOrder.NEWEST
    ) -> Listing[Any]:
        newest, wanted = order_by is TimeOrder.NEWEST, discrepancy_filter(where)
        return discrepancies.list_discrepancies(info.context.viewer, wanted, newest=newest)
