"""Paying a purchase in another way, after a payment that did not come or was declined."""

from datetime import timedelta
from uuid import UUID

from core.clock import now
from models.payments.payments import CancelReason
from models.payments.ways import PaymentInProgress, PaymentWay
from models.purchases import PurchaseState
from services import idempotency
from services.payments.calls.rows import NET_SECONDS
from services.payments.calls.sending import CallSender
from services.payments.ending import begin_to_cancel
from services.payments.ways import WaysToPay
from services.purchases.access import access_purchase
from services.purchases.entries import publish_purchase
from services.purchases.paying import ensure_possible, send_purchase_payment, start_payment
from services.viewer import Viewer

OPERATION = "payPurchase"


async def pay_purchase(
    sender: CallSender,
    viewer: Viewer,
    ways: WaysToPay,
    way: PaymentWay,
    *,
    purchase_id: UUID,
    idempotency_key: str,
) -> None:
    """Pay a PENDING purchase in another way, once per key.

    What a provider may still collect is cancelled there first. A purchase of a vendor becomes that
    of the member who pays, as whose it saves methods and gives money back. Raises
    `InvalidPurchaseState`, `PaymentInProgress` if the provider does not cancel, `WalletTooLow`, and
    what `ensure_possible` raises.
    """
    given = {"purchase_id": purchase_id, "way": way.model_dump()}
    async with sender.transaction() as session:
        done = await idempotency.find_result(session, viewer, OPERATION, idempotency_key, **given)
        locked = await access_purchase(session, viewer, purchase_id, as_buyer=True)
        if done is not None:
            return
        locked.purchase.state.ensure_can_become(PurchaseState.CANCELLED)
        await ensure_possible(session, viewer, ways, way, locked.purchase)
        at = now() + timedelta(seconds=NET_SECONDS)
        live = [one for one in locked.payments if one.status.is_live]
        reason = CancelReason.REPLACED
        calls = [await begin_to_cancel(session, one, reason, at=at) for one in live]
        publish_purchase(session, locked.purchase)
    for call_id in filter(None, calls):
        await sender.try_to_send(call_id)
    async with sender.transaction() as session:
        claimed = await idempotency.claim(session, viewer, OPERATION, idempotency_key, **given)
        locked = await access_purchase(session, viewer, purchase_id, as_buyer=True)
        if claimed.replayed:
            return
        locked.purchase.state.ensure_can_become(PurchaseState.CANCELLED)
        if any(one.status.is_live for one in locked.payments):
            raise PaymentInProgress
        locked.purchase.user_id = viewer.require_user()
        await start_payment(session, locked, way)
        await idempotency.record_result(session, claimed, purchase_id)
    await send_purchase_payment(sender, purchase_id)
