"""`POST /webhooks/stripe` and `/webhooks/paystack`: an object of the provider has changed.

A notice is stored with the job that looks at its object, in one transaction, and answered. So a
provider waits for two statements, whatever follows from it, and a notice that was answered
is not lost.
"""

import structlog
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from core.errors import Unavailable
from core.observability import metrics
from core.outages import DATABASE_ERRORS
from engine.context import AppState
from gateways.payments.errors import InvalidWebhook
from models.payments.payments import PaymentProvider
from services.payments.events.events import receive_event
from web.middleware.network_charges import charge_network, text_error
from web.webhooks.bodies import read_body

MAX_BODY_BYTES = 256 * 1024
UNSIGNED_COST = 10  # as a mutation

log = structlog.get_logger(__name__)


def routes(app: AppState) -> list[Route]:
    """Return a route for each provider that is set up."""
    return [
        Route(
            f"/webhooks/{provider.lower()}",
            ProviderWebhooks(app, provider).receive,
            methods=["POST"],
        )
        for provider in app.payments
    ]


class ProviderWebhooks:
    """Takes the webhooks of one provider. Networks are charged for those that are not signed."""

    def __init__(self, app: AppState, provider: PaymentProvider) -> None:
        self._app = app
        self._provider = provider

    async def receive(self, request: Request) -> Response:
        body = await read_body(request, MAX_BODY_BYTES)
        if isinstance(body, Response):
            return body
        gateway = self._app.payments[self._provider]
        try:
            event = gateway.read_webhook(body, request.headers)
        except InvalidWebhook as error:
            log.warning("payments.webhook_refused", provider=self._provider, reason=str(error))
            refused = await charge_network(self._app, request, UNSIGNED_COST)
            answer = refused or text_error(400, "The signature or the notice is not valid.")
            return self._answer("unsigned", answer)
        try:
            async with self._app.transactions.begin_prepared() as unit:
                is_new = await receive_event(unit, self._provider, event)
        except DATABASE_ERRORS:
            response = text_error(503, "The notice cannot be stored now. Send it again.")
            response.headers["Retry-After"] = str(Unavailable.seconds)
            return self._answer("failed", response)
        return self._answer("received" if is_new else "repeated")

    def _answer(self, outcome: str, response: Response | None = None) -> Response:
        metrics.PAYMENT_EVENTS.labels(self._provider, outcome).inc()
        return response or PlainTextResponse("", headers={"Cache-Control": "no-store"})
