"""Packs that vendors buy for each period."""

from uuid import UUID

import strawberry

from dataloaders.packs import visible_pack_subscription
from engine.arguments import IdempotencyKey
from engine.context import Info
from engine.mutation import mutation
from models.audit import AuditAct
from models.errors import KEYED, NotFound
from models.ledger.accounts import WalletTooLow
from models.packs import packs as rows
from models.packs import subscriptions
from models.vendors import VendorNotApproved, VendorSuspended
from resolvers.packs.buying import BUYING
from schema.packs.inputs import SubscribeToPackInput
from schema.packs.types import PackId, PackSubscription, PackSubscriptionId
from services.packs import subscribing
from services.packs.periods import send_period_payment


@strawberry.type
class PackSubscribingMutation:
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
