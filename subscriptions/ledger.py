"""Changes of wallets."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Annotated, ClassVar
from uuid import UUID

import strawberry

from dataloaders.ledger import account_by_id, accounts_of_owner
from engine.arguments import Resume
from engine.context import Info
from engine.ids import id_of
from engine.live.sources import ChangeFactory
from engine.live.subscribe import subscribe_to_journal
from engine.request_loaders import Loaders
from engine.types import subscription
from models.ledger import accounts
from models.members import Permission
from schema.ledger.changes import WalletChange
from schema.ledger.types import Wallet
from services.journal.queries import JournalRecord
from services.ledger.entries import WalletChanged
from subscriptions.own_source import OwnSource
from subscriptions.vendor_source import VendorSource


@strawberry.type
class LedgerSubscription:
    @subscription(
        "Changes of the viewer's wallets, in all currencies. Resume with the last `cursor`."
    )
    async def wallet_changes(
        self, info: Info, after: Resume = None
    ) -> AsyncGenerator[WalletChange, None]:
        source = WalletSource(info.context.viewer.require_user())
        return await subscribe_to_journal(info, source, after)

    @subscription(
        "Changes of a vendor's wallet. For its owners and managers. Resume with the last `cursor`."
    )
    async def vendor_wallet_changes(
        self,
        info: Info,
        vendor_id: Annotated[UUID, id_of("Vendor", "A vendor that the viewer works for.")],
        after: Resume = None,
    ) -> AsyncGenerator[WalletChange, None]:
        return await subscribe_to_journal(info, VendorWalletSource(vendor_id), after)


def _changed(*, of_vendor: bool) -> ChangeFactory:
    async def build(
        loaders: Loaders, record: JournalRecord[WalletChanged], cursor: str
    ) -> WalletChange:
        account = await loaders[account_by_id].load(record.entry.account_id)
        if account is None or account.owner_id is None:
            return WalletChange(cursor=cursor)
        found = await loaders[accounts_of_owner].load(account.owner_id)
        wallet = accounts.Wallet.of(account.owner_id, account.currency, found, of_vendor=of_vendor)
        return WalletChange(cursor=cursor, wallet=Wallet.wrap(wallet))

    return build


@dataclass(frozen=True)
class WalletSource(OwnSource[WalletChange]):
    """The wallets of one user, the same on all devices."""

    changes: ClassVar = {WalletChanged: _changed(of_vendor=False)}

    def checkpoint(self, cursor: str) -> WalletChange:
        return WalletChange(cursor=cursor)


@dataclass(frozen=True)
class VendorWalletSource(VendorSource[WalletChange]):
    """The wallet of a vendor, the same for all who may see it."""

    permission: ClassVar = Permission.SEE_WALLET
    changes: ClassVar = {WalletChanged: _changed(of_vendor=True)}

    def checkpoint(self, cursor: str) -> WalletChange:
        return WalletChange(cursor=cursor)
