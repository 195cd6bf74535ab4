"""Changes of the payouts and the balance of a vendor."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar
from uuid import UUID

import strawberry

from dataloaders.payouts import balance_of_vendor, payout_by_id
from engine.arguments import Resume
from engine.context import Info
from engine.ids import id_of
from engine.live.subscribe import subscribe_to_journal
from engine.request_loaders import Loaders
from engine.types import subscription
from models.members import Permission
from schema.payouts.changes import PayoutChange
from schema.payouts.types import Payout, VendorBalance
from services.journal.queries import JournalRecord
from services.orders.entries import SubOrderChanged
from services.payouts.entries import PayoutBalanceChanged, PayoutChanged
from subscriptions.vendor_source import VendorSource


@strawberry.type
class PayoutSubscription:
    @subscription(
        "Changes of the payouts, the balance and the payout account of a vendor. For its owners and"
        " managers. Resume with the last `cursor`."
    )
    async def payout_changes(
        self,
        info: Info,
        vendor_id: Annotated[UUID, id_of("Vendor", "A vendor that the viewer works for.")],
        after: Resume = None,
    ) -> AsyncGenerator[PayoutChange, None]:
        return await subscribe_to_journal(info, PayoutsSource(vendor_id), after)


async def _changed(loaders: Loaders, record: JournalRecord[Any], cursor: str) -> PayoutChange:
    entry, payout = record.entry, None
    if isinstance(entry, PayoutChanged):
        payout = await loaders[payout_by_id].load(entry.payout_id)
    return PayoutChange(cursor=cursor, payout=Payout.wrap_optional(payout))


@dataclass(frozen=True)
class PayoutsSource(VendorSource[PayoutChange]):
    """The payouts of a vendor, the same for all who may see them.

    A sale or a refund is a change of a part of an order, and changes the balance too.
    """

    permission: ClassVar = Permission.SEE_PAYOUTS
    changes: ClassVar = dict.fromkeys(
        (PayoutChanged, PayoutBalanceChanged, SubOrderChanged), _changed
    )

    async def change(
        self, loaders: Loaders, record: JournalRecord[Any], cursor: str
    ) -> PayoutChange:
        """Build the change, with the balance as it is now."""
        change = await super().change(loaders, record, cursor)
        balance = await loaders[balance_of_vendor].load(self.vendor_id)
        change.vendor_balance = VendorBalance.wrap(balance) if balance else None
        return change

    def checkpoint(self, cursor: str) -> PayoutChange:
        return PayoutChange(cursor=cursor)
