"""Orders placed and cancelled by their buyers."""

import strawberry

from engine.arguments import IdempotencyKey
from engine.context import Info
from engine.mutation import mutation
from models.checkouts import CheckoutExpired, ProblemCode
from models.errors import KEYED, InvalidInput, NotFound, Refusal
from models.events.selling.holds import HeldTicketsChanged
from models.ledger.accounts import WalletTooLow
from models.orders import orders as rows
from models.orders.lines import TooManyUnits
from models.orders.placing import TooManyUnpaid, TotalChanged
from models.orders.selections import CancelDraft
from models.orders.states import InvalidOrderState
from models.payments.disputes import PaymentDisputed
from models.payments.refunds import RefundTooLarge, UnitsRefunded
from models.payments.ways import PaymentTooSmall, ProviderNotAvailable
from models.validation import parse
from schema.carts.payloads import not_kept_lines
from schema.carts.types import Cart
from schema.orders.inputs import CancelReason, PlaceOrderInput
from schema.orders.payloads import PlaceOrderPayload, ReorderPayload, placed_order
from schema.orders.types import Order, OrderId
from services.journal.topics import user_topic
from services.orders.handling.cancelling import cancel_order
from services.orders.placing.placing import Placing
from services.orders.reordering import reorder
from services.payments.order_payments import cancel_own_payment, send_order_payment

REFUND = (TooManyUnits, UnitsRefunded, RefundTooLarge, PaymentDisputed)
PROBLEMS = tuple(Refusal.by_code[one] for one in ProblemCode if one in Refusal.by_code)


@strawberry.type
class BuyingMutation:
    @mutation(
        personal=True,
        raises=tuple(
            dict.fromkeys(
                (
                    InvalidInput,
                    NotFound,
                    CheckoutExpired,
                    TotalChanged,
                    TooManyUnpaid,
                    ProviderNotAvailable,
                    PaymentTooSmall,
                    *PROBLEMS,
                    WalletTooLow,
                    HeldTicketsChanged,
                    *KEYED,
                )
            )
        ),
    )
    async def place_order(self, info: Info, input: PlaceOrderInput) -> PlaceOrderPayload:
        """Order what the checkout holds, and reserve its units until `holdUntil` of the order. The
        viewer's own orders that are not paid yet and hold the same articles are cancelled first.
        Refuses for the `problems` of the checkout. If the wallet pays for all of it, the order is
        CONFIRMED at once. With a payment provider, `payment` has what its form or page needs; if
        the provider does not answer in time, it follows with `orderChanges`.
        """
        context = info.context
        placing = Placing(
            context.viewer,
            context.call_sender,
            context.app.ways_to_pay,
            context.fetch,
            context.prepared_transaction,
        )
        draft = input.draft()
        order_id = await placing.place(draft)
        if draft.way.provider.is_online:
            await send_order_payment(context.call_sender, order_id)
        return await placed_order(info, order_id)

    @mutation(
        order=Order,
        personal=True,
        raises=(InvalidInput, NotFound, InvalidOrderState, *REFUND, *KEYED),
    )
    async def cancel_order(
        self,
        info: Info,
        order_id: OrderId,
        idempotency_key: IdempotencyKey,
        reason: CancelReason = None,
    ) -> rows.Order:
        """Cancel an order. One that is not paid is CANCELLED at once, with its payment: money that
        comes yet goes back. Of a paid one, all units that are not shipped are cancelled and
        refunded.
        """
        draft = parse(CancelDraft, **({} if reason is None else {"reason": reason}))
        await cancel_own_payment(info.context.call_sender, info.context.viewer, order_id)
        async with info.context.transaction() as session:
            return await cancel_order(
                session,
                info.context.viewer,
                draft,
                order_id=order_id,
                idempotency_key=idempotency_key,
                return_days=info.context.app.settings.return_days,
            )

    @mutation(personal=True, raises=(NotFound,), repeatable="the larger quantity of a variant wins")
    async def reorder(self, info: Info, order_id: OrderId) -> ReorderPayload:
        """Put the articles of an order into the viewer's cart again, as they are sold now. Of a
        variant that is in the cart already, the larger quantity wins. `notKept` lists the rest.
        """
        async with info.context.transaction() as session:
            merged = await reorder(session, info.context.viewer, order_id=order_id)
        # The cursor that `changesAfter` returns, before the lines are read.
        await info.context.cursor(user_topic(info.context.viewer.require_user()))
        return ReorderPayload(cart=Cart.wrap(merged.cart), not_kept=not_kept_lines(merged.not_kept))
