"""Root fields of packs and of subscriptions to them."""

from typing import Annotated, Any
from uuid import UUID

import strawberry

from core.keyset import Listing
from dataloaders.packs import visible_pack_subscription
from engine.arguments import IdempotencyKey
from engine.connections import Connection, connection
from engine.context import Info
from engine.mutation import mutation
from engine.types import field
from models import purchases
from models.audit import AuditAct
from models.errors import KEYED, InvalidInput, NotFound
from models.ledger.accounts import WalletTooLow
from models.packs import packs as rows
from models.packs import subscriptions
from models.payments.ways import PaymentTooSmall, ProviderNotAvailable
from models.vendors import Vendor as VendorRow
from models.vendors import VendorNotApproved, VendorSuspended
from schema.packs.inputs import (
    BuyPackInput,
    CreatePackInput,
    PackWhere,
    Required,
    SubscribeToPackInput,
    UpdatePackInput,
    VendorId,
    WantedStates,
    WantedVendor,
    pack_filter,
)
from schema.packs.types import (
    Pack,
    PackBalance,
    PackId,
    PackSubscription,
    PackSubscriptionConnection,
    PackSubscriptionId,
)
from schema.purchases.payloads import sent_purchase
from schema.purchases.types import Purchase
from schema.vendors.types import Vendor
from services.packs import access, buying, packs, subscribing
from services.packs.balance import read_pack_balance
from services.packs.periods import send_period_payment

Where = Annotated[PackWhere | None, strawberry.argument(description="Filters the list.")]
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
class PackQuery:
    @connection(Connection[Pack], "Packs that are sold, newest first. RETIRED ones are for admins.")
    def packs(self, info: Info, where: Where = None) -> Listing[Any]:
        return access.list_packs(info.context.viewer, pack_filter(where))

    @field(
        "The units that a vendor has left of its packs. Visible to its owners and managers, and to"
        " admins. Null for others. Subscription: `packBalanceChanged`."
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
        " Subscription: `packBalanceChanged`.",
    )
    def pack_subscriptions(
        self, info: Info, vendor_id: WantedVendor = None, states: WantedStates = None
    ) -> Listing[Any]:
        return access.list_subscriptions(info.context.viewer, vendor_id, states)


@strawberry.type
class PackMutation:
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
        vendor=Vendor,
        audit=AuditAct.SET_PACK_RULE,
        raises=(NotFound,),
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

    @mutation(
        personal=True,
        purchase=Purchase,
        raises=(
            *BUYING,
            purchases.PurchaseLimitReached,
            VendorNotApproved,
            VendorSuspended,
        ),
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

    @mutation(
        personal=True,
        pack_subscription=PackSubscription,
        audit=AuditAct.SUBSCRIBE_TO_PACK,
        raises=(*BUYING, subscriptions.AlreadySubscribed, VendorNotApproved, VendorSuspended),
    )
    async def subscribe_to_pack(
        self, info: Info, input: SubscribeToPackInput
    ) -> PackSubscription | None:
        """Buy a pack for an APPROVED vendor now and for each period after this. It is charged from
        the wallet, or by a saved method of the viewer, without another question. An unpaid period
        is charged again after 1, 3, 5 and 7 days; then the subscription ends. Requires the vendor's
        MANAGER or OWNER role.
        """
        async with info.context.transaction() as session:
            subscription = await subscribing.subscribe_to_pack(
                session,
                info.context.viewer,
                vendor_id=input.vendor_id,
                pack_id=input.pack_id,
                method_id=input.payment_method_id,
                ways=info.context.app.ways_to_pay,
                idempotency_key=input.idempotency_key,
            )
        return await _charged(info, subscription.id)

    @mutation(
        personal=True,
        pack_subscription=PackSubscription,
        audit=AuditAct.CHANGE_PACK_SUBSCRIPTION,
        raises=(
            NotFound,
            rows.PackRetired,
            rows.PackNotInCurrency,
            subscriptions.PackNotComparable,
            subscriptions.PackPastDue,
            subscriptions.PackSubscriptionEnded,
            WalletTooLow,
            *KEYED,
        ),
    )
    async def change_pack_subscription(
        self,
        info: Info,
        pack_subscription_id: PackSubscriptionId,
        pack_id: PackId,
        idempotency_key: IdempotencyKey,
    ) -> PackSubscription | None:
        """Change a subscription to another pack with the same units and days. A dearer one begins
        now: the value of the days that are left is taken off its price, and the units of the former
        one end. A cheaper one begins with the next period; choosing the present pack takes that
        back. Requires the vendor's MANAGER or OWNER role.
        """
        async with info.context.transaction() as session:
            subscription = await subscribing.change_subscription(
                session,
                info.context.viewer,
                subscription_id=pack_subscription_id,
                pack_id=pack_id,
                idempotency_key=idempotency_key,
            )
        return await _charged(info, subscription.id)

    @mutation(
        personal=True,
        pack_subscription=PackSubscription,
        audit=AuditAct.CANCEL_PACK_SUBSCRIPTION,
        raises=(NotFound,),
        repeatable="sets a state",
    )
    async def cancel_pack_subscription(
        self, info: Info, pack_subscription_id: PackSubscriptionId
    ) -> subscriptions.PackSubscription:
        """End a subscription with its period, or now if the period is not paid. Units that were
        paid stay until the end of their period. Requires the vendor's MANAGER or OWNER role.
        """
        async with info.context.transaction() as session:
            return await subscribing.cancel_subscription(
                session, info.context.viewer, subscription_id=pack_subscription_id
            )

    @mutation(
        personal=True,
        pack_subscription=PackSubscription,
        audit=AuditAct.RESUME_PACK_SUBSCRIPTION,
        raises=(NotFound, subscriptions.PackSubscriptionEnded),
        repeatable="sets a state",
    )
    async def resume_pack_subscription(
        self, info: Info, pack_subscription_id: PackSubscriptionId
    ) -> subscriptions.PackSubscription:
        """Let a subscription go on that was to end with its period. Requires the vendor's MANAGER
        or OWNER role.
        """
        async with info.context.transaction() as session:
            return await subscribing.resume_subscription(
                session, info.context.viewer, subscription_id=pack_subscription_id
            )


async def _charged(info: Info, subscription_id: UUID) -> PackSubscription | None:
    """Have a provider collect the payment of a new period, and return the subscription."""
    await send_period_payment(info.context.call_sender, subscription_id)
    found = await info.context.loaders[visible_pack_subscription].load(subscription_id)
    return PackSubscription.wrap_optional(found)
