"""Actions of the controls: a dispute, a refund that comes back, a payout that fails."""

from collections.abc import Callable, Mapping
from typing import Any

from payments_stand_in.paystack import disputes as paystack_disputes
from payments_stand_in.paystack import refunds as paystack_refunds
from payments_stand_in.paystack import settlements, transactions, transfers
from payments_stand_in.paystack.calls import ACCOUNT
from payments_stand_in.state import StandIn
from payments_stand_in.store import Json
from payments_stand_in.stripe import accounts, attempts, disputes, payouts, refunds
from payments_stand_in.stripe.events import deliver

Given = Mapping[str, Any]
Change = Callable[..., None]
Action = Callable[[StandIn, Given], Json]


def _dispute(stand_in: StandIn, given: Given) -> Json:
    """Dispute a payment. `inquiry` asks first, and takes no money."""
    if not given["id"].startswith(("pi_", "ch_")):
        paid = stand_in.store.get("paystack_transaction", given["id"])
        amount = given.get("amount")
        return paystack_disputes.open_dispute(stand_in, paid, int(amount) if amount else None)
    charge = _charge(stand_in, given["id"])
    if charge["disputed"]:
        raise ValueError("This payment is disputed already.")
    amount = given.get("amount")
    return disputes.open_dispute(
        stand_in,
        charge,
        reason=str(given.get("reason", "fraudulent")),
        amount=int(amount) if amount else None,
        inquiry=_is_true(given.get("inquiry")),
    )


def _win_dispute(stand_in: StandIn, given: Given) -> Json:
    """Decide a dispute for the merchant. `fee_back` is what comes back of the fee."""
    if found := _at_paystack(stand_in, disputes.KIND, str(given["id"])):
        paystack_disputes.close(stand_in, found, won=True)
        return found
    dispute = stand_in.store.get(disputes.KIND, given["id"])
    disputes.close(stand_in, dispute, won=True, fee_back=int(given.get("fee_back", 0)))
    return dispute


def _reinstate_dispute(stand_in: StandIn, given: Given) -> Json:
    """Give money of a lost dispute back: all of it, or an `amount`, with a `status`."""
    dispute = stand_in.store.get(disputes.KIND, given["id"])
    disputes.reinstate(
        stand_in,
        dispute,
        amount=int(given.get("amount", dispute["amount"])),
        fee_back=int(given.get("fee_back", 0)),
        status=str(given.get("status", "won")),
    )
    return dispute


def _remind_dispute(stand_in: StandIn, given: Given) -> Json:
    """Send the reminder of a dispute by Paystack once more."""
    dispute = stand_in.store.get(f"paystack_{disputes.KIND}", str(given["id"]))
    paystack_disputes.remind(stand_in, dispute)
    return dispute


def _charge_dispute_fee(stand_in: StandIn, given: Given) -> Json:
    dispute = stand_in.store.get(disputes.KIND, given["id"])
    disputes.charge_fee(stand_in, dispute, int(given.get("fee", disputes.FEE)))
    return dispute


def _on(kind: str, change: Change, at_paystack: Change | None = None, **fixed: Any) -> Action:
    """Return an action that changes the object with an id, at the provider that has it."""

    def act(stand_in: StandIn, given: Given) -> Json:
        id, change_here = str(given["id"]), change
        if at_paystack and (found := _at_paystack(stand_in, kind, id)):
            object, change_here = found, at_paystack
        else:
            object = stand_in.store.get(kind, id)
        change_here(stand_in, object, **fixed)
        return object

    return act


def _at_paystack(stand_in: StandIn, kind: str, id: str) -> Json | None:
    name = "transfer" if kind == payouts.KIND else kind
    return stand_in.store.kinds.get(f"paystack_{name}", {}).get(id)


def _pay_transaction(stand_in: StandIn, given: Given) -> Json:
    """Pay a transaction of Paystack with a test card."""
    paid = stand_in.store.get("paystack_transaction", given["id"])
    transactions.pay(stand_in, paid, str(given.get("card", "4084084084084081")))
    return paid


def _settle(stand_in: StandIn, given: Given) -> Json:
    return settlements.settle(stand_in, str(given.get("currency", "NGN")))


def _complete(stand_in: StandIn, given: Given) -> Json:
    account = stand_in.store.get(accounts.KIND, given["id"])
    accounts.complete(stand_in, account, str(given.get("last4", "6789")))
    return account


def _restrict(stand_in: StandIn, given: Given) -> Json:
    account = stand_in.store.get(accounts.KIND, given["id"])
    accounts.restrict(stand_in, account, list(given.get("missing", accounts.DUE[:1])))
    return account


def _release_funds(stand_in: StandIn, _: Given) -> Json:
    stand_in.funds.release()
    return {"balance": stand_in.funds.balance()}


def _top_up(stand_in: StandIn, given: Given) -> Json:
    """Add money to the balance of the platform at Stripe, or at Paystack with `paystack`."""
    account = ACCOUNT if _is_true(given.get("paystack")) else None
    amount, currency = int(given["amount"]), str(given["currency"])
    return stand_in.funds.book(amount, currency, "topup", "tu_test", account=account)


def _release_webhooks(stand_in: StandIn, given: Given) -> Json:
    """Send the webhooks that are held: `same`, `reversed` or `shuffled`. Holds no more."""
    stand_in.controls.faults.webhooks.held = False
    return {"sent": stand_in.deliveries.release(str(given.get("order", "same")))}


def _resend(stand_in: StandIn, given: Given) -> Json:
    event = stand_in.store.get("event", given["id"])
    deliver(stand_in, event)
    return event


def _switch(stand_in: StandIn, given: Given) -> Json:
    """Switch one fault on, such as `lose` for the next call, or all off."""
    if given.get("fault") == "none":
        stand_in.controls.reset()
    elif given.get("fault") == "held":
        stand_in.controls.update({"webhooks": {"held": True}})
    else:
        stand_in.controls.update({str(given["fault"]): int(given.get("value", 1))})
    return stand_in.controls.faults.model_dump()


def _forget_keys(stand_in: StandIn, _: Given) -> Json:
    """Forget idempotency keys, as Stripe does after a day."""
    forgotten = len(stand_in.answers)
    stand_in.answers.clear()
    return {"forgotten": forgotten}


def _charge(stand_in: StandIn, id: str) -> Json:
    if id.startswith("ch_"):
        return stand_in.store.get("charge", id)
    intent = stand_in.store.get("payment_intent", id)
    return stand_in.store.get("charge", intent["latest_charge"] or "none")


def _is_true(given: Any) -> bool:
    return given in {True, "true", "on", "1"}


ACTIONS: Mapping[str, Action] = {
    "dispute": _dispute,
    "escalate_dispute": _on(disputes.KIND, disputes.escalate),
    "win_dispute": _win_dispute,
    "lose_dispute": _on(disputes.KIND, disputes.close, paystack_disputes.close, won=False),
    "reinstate_dispute": _reinstate_dispute,
    "lose_dispute_again": _on(disputes.KIND, disputes.lose_again),
    "remind_dispute": _remind_dispute,
    "charge_dispute_fee": _charge_dispute_fee,
    "settle_refund": _on(refunds.KIND, refunds.settle, paystack_refunds.settle),
    "fail_refund": _on(refunds.KIND, refunds.fail, paystack_refunds.fail),
    "pay_payout": _on(payouts.KIND, payouts.pay, transfers.pay),
    "fail_payout": _on(payouts.KIND, payouts.fail, transfers.fail),
    "authenticate": _on("payment_intent", attempts.authenticated, confirmed=True),
    "finish_payment": _on("payment_intent", attempts.finish, fails=False),
    "fail_payment": _on("payment_intent", attempts.finish, fails=True),
    "pay_transaction": _pay_transaction,
    "settle": _settle,
    "complete_account": _complete,
    "restrict_account": _restrict,
    "release_funds": _release_funds,
    "top_up": _top_up,
    "release_webhooks": _release_webhooks,
    "resend_event": _resend,
    "forget_keys": _forget_keys,
    "switch": _switch,
}
