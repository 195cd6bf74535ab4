"""The page that shows the money: balances, payments, refunds, payouts, disputes, and buttons."""

from itertools import islice

from starlette.requests import Request
from starlette.responses import Response

from payments_stand_in.pages.rendering import page
from payments_stand_in.paystack.calls import ACCOUNT
from payments_stand_in.state import StandIn
from payments_stand_in.store import Json

ROWS = 50
KINDS = (
    "payment_intent",
    "refund",
    "dispute",
    "transfer",
    "payout",
    "account",
    "event",
    "webhook_endpoint",
    "paystack_transaction",
    "paystack_refund",
    "paystack_transfer",
    "paystack_settlement",
    "paystack_dispute",
)


class Overview:
    """The page at `/`."""

    def __init__(self, stand_in: StandIn) -> None:
        self._stand_in = stand_in

    async def show(self, _: Request) -> Response:
        store, charges = self._stand_in.store, self._stand_in.store.kinds.get("charge", {})
        newest = {kind: list(islice(store.newest(kind), ROWS)) for kind in KINDS}
        return page(
            "overview",
            newest=newest,
            notifications=newest["event"],
            charges=charges,
            balances=self._balances(),
            faults=self._faults(),
            held=len(self._stand_in.deliveries.held),
            accepted=self._stand_in.deliveries.sent,
            paystack_webhooks=self._stand_in.paystack_webhooks,
        )

    def _balances(self) -> list[Json]:
        """Return a row for each owner and currency."""
        sums = self._stand_in.funds.sums
        owners = sorted({(owner or "", currency) for owner, currency, _ in sums})
        names = {"": "Stripe", ACCOUNT: "Paystack"}
        return [
            {
                "owner": names.get(owner, owner),
                "currency": currency,
                "available": sums.get((owner or None, currency, "available"), 0),
                "pending": sums.get((owner or None, currency, "pending"), 0),
            }
            for owner, currency in owners
        ]

    def _faults(self) -> Json:
        """Return the faults that are not as at the start."""
        faults = self._stand_in.controls.faults
        changed: Json = faults.model_dump(exclude_defaults=True)
        return changed
