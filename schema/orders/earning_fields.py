"""The amounts that the platform keeps of a vendor's part, for those who may see commissions."""

import strawberry

from dataloaders.orders import currency_of_suborder
from dataloaders.vendors import own_membership
from engine.context import Info
from engine.types import field
from models.members import Permission
from models.orders import orders as rows
from schema.money import Money, money_of
from services.vendors.access import may_do

KEPT = ("commission", "commission_tax", "tcs", "tds", "vendor_net")
may_see_commission = may_do(Permission.SEE_COMMISSION)


@strawberry.type(
    description="The amounts that the platform keeps of a vendor's part, as they were fixed when"
    " the order was placed. Refunds give back the share of their units."
)
class SubOrderEarnings:
    commission_bps: int = strawberry.field(description="The commission in basis points.")
    commission: Money = strawberry.field(description="The commission, without the tax on it.")
    commission_tax: Money = strawberry.field(description="The tax on the commission.")
    tcs: Money = strawberry.field(description="The tax collected at source, in India. Else 0.")
    tds: Money = strawberry.field(description="The tax deducted at source, in India. Else 0.")
    vendor_net: Money = strawberry.field(description="The amount that is left for the vendor.")


@strawberry.type
class SubOrderEarningFields:
    """A base of SubOrder, not a type of the schema."""

    @field(
        "The amounts that the platform keeps, and the rest for the vendor. Null for all but the"
        " vendor's owners and admins.",
        needs=("id", "vendor_id", "commission_bps", *KEPT),
    )
    async def earnings(
        root: strawberry.Parent[rows.SubOrder], info: Info
    ) -> SubOrderEarnings | None:
        loaders = info.context.loaders
        if not info.context.viewer.admin:
            member = await loaders[own_membership].load(root.vendor_id)
            if member is None or not may_see_commission(member):
                return None
        currency = await loaders[currency_of_suborder].load(root.id)
        amounts = {name: money_of(getattr(root, name), currency) for name in KEPT}
        return SubOrderEarnings(commission_bps=root.commission_bps, **amounts)
