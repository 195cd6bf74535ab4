"""Packs that vendors buy once."""

import strawberry

from engine.context import Info
from engine.mutation import mutation
from models import purchases
from models.errors import KEYED, InvalidInput, NotFound
from models.ledger.accounts import WalletTooLow
from models.packs import packs as rows
from models.payments.ways import PaymentTooSmall, ProviderNotAvailable
from models.vendors import VendorNotApproved, VendorSuspended
from schema.packs.inputs import BuyPackInput
from schema.purchases.payloads import sent_purchase
from schema.purchases.types import Purchase
from services.packs import buying

BUYING = (
    NotFound,
    rows.PackRetired,
    rows.PackNotInCurrency,
    WalletTooLow,
    InvalidInput,
    ProviderNotAvailable,
    PaymentTooSmall,
    *KEYED,
)


@strawberry.type
class PackBuyingMutation:
    @mutation(
        personal=True,
        purchase=Purchase,
        raises=(*BUYING, purchases.PurchaseLimitReached, VendorNotApproved, VendorSuspended),
    )
    async def buy_pack(self, info: Info, input: BuyPackInput) -> Purchase | None:
        """Buy a pack for an APPROVED vendor. Its units can be used when it is paid: at once from
        the wallet. Requires the vendor's MANAGER or OWNER role.
        """
        async with info.context.transaction() as session:
            purchase = await buying.buy_pack(
                session,
                info.context.viewer,
                vendor_id=input.vendor_id,
                pack_id=input.pack_id,
                way=input.way(),
                ways=info.context.app.ways_to_pay,
                idempotency_key=input.idempotency_key,
            )
        return await sent_purchase(info, purchase.id)
