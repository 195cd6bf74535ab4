"""Fields of Vendor about its wallet."""

import strawberry

from dataloaders.ledger import accounts_of_owner
from dataloaders.vendors import own_membership
from engine.context import Info
from engine.permissions import visible_to_members
from engine.types import field
from models.ledger import accounts
from models.members import Permission
from models.vendors import Vendor
from schema.ledger.types import Wallet
from services.vendors.access import may_do


@strawberry.type
class LedgerVendorFields:
    """A base of Vendor, not a type of the schema."""

    @visible_to_members(own_membership, may_do(Permission.SEE_WALLET), admins=True)
    @field(
        "The wallet in the vendor's currency. Subscription: `vendorWalletChanges`. Visible to its"
        " owners and managers, and admins.",
        needs=("id", "currency"),
    )
    async def wallet(root: strawberry.Parent[Vendor], info: Info) -> Wallet:
        found = await info.context.loaders[accounts_of_owner].load(root.id)
        return Wallet.wrap(accounts.Wallet.of(root.id, root.currency, found, of_vendor=True))
