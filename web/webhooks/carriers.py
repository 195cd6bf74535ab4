"""`POST /webhooks/carriers/{name}`: where shipments are, as their carriers report it.

The answer is 200 for all that was signed and can be read, even if no shipment has the number or
the report cannot be true: the carrier would otherwise send it again for days. Metrics count what
was left out.
"""

import time

import structlog
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from core.errors import Unavailable
from core.observability import metrics
from core.outages import DATABASE_ERRORS
from core.security.webhook_signatures import InvalidSignature, verify
from engine.context import AppState
from models.errors import Refusal
from models.shipments import CarrierReport
from services.shipments.tracking import CarrierOutcome, record_carrier_event
from services.transaction import retry_serialization_failure
from web.middleware.network_charges import charge_network, text_error
from web.webhooks.bodies import read_body

PATH = "/webhooks/carriers/{name}"
MAX_BODY_BYTES = 64 * 1024
EVENT_COST = 10  # as a mutation

log = structlog.get_logger(__name__)


def routes(app: AppState) -> list[Route]:
    """Return no route without carriers."""
    if not app.settings.carrier_secrets:
        return []
    return [Route(PATH, CarrierWebhooks(app).receive, methods=["POST"])]


class CarrierWebhooks:
    """Checks the signature over the raw body, and records the report in one transaction."""

    def __init__(self, app: AppState) -> None:
        self._app = app

    async def receive(self, request: Request) -> Response:
        if refused := await charge_network(self._app, request, EVENT_COST):
            return refused
        carrier = request.path_params["name"]
        if carrier not in self._app.settings.carrier_secrets:
            return text_error(404, "There is no such carrier.")
        body = await read_body(request, MAX_BODY_BYTES)
        if isinstance(body, Response):
            return body
        return await self._take(carrier, request, body)

    async def _take(self, carrier: str, request: Request, body: bytes) -> Response:
        try:
            self._verify(carrier, request, body)
            report = CarrierReport.model_validate_json(body)
        except InvalidSignature:
            return _answer(carrier, "unsigned", text_error(401, "The signature is not valid."))
        except ValidationError:
            return _answer(carrier, "unreadable", text_error(400, "The report is not valid."))
        return await self._answer_report(carrier, report)

    def _verify(self, carrier: str, request: Request, body: bytes) -> None:
        headers = request.headers
        verify(
            self._app.settings.carrier_secrets[carrier],
            id=headers.get("webhook-id", ""),
            timestamp=headers.get("webhook-timestamp", ""),
            signatures=headers.get("webhook-signature", ""),
            body=body,
            now=time.time(),
        )

    async def _answer_report(self, carrier: str, report: CarrierReport) -> Response:
        try:
            outcome = await retry_serialization_failure(lambda: self._record(carrier, report))
        except Refusal as refusal:
            log.warning("carrier.event_refused", carrier=carrier, code=refusal.code)
            return _answer(carrier, "refused")
        except DATABASE_ERRORS:
            response = text_error(503, "The report cannot be recorded now. Send it again.")
            response.headers["Retry-After"] = str(Unavailable.seconds)
            return _answer(carrier, "failed", response)
        if outcome is CarrierOutcome.AMBIGUOUS:
            number = report.tracking_number
            log.warning("carrier.number_ambiguous", carrier=carrier, tracking_number=number)
        elif outcome is CarrierOutcome.UNKNOWN:
            log.info("carrier.number_unknown", carrier=carrier)
        return _answer(carrier, outcome)

    async def _record(self, carrier: str, report: CarrierReport) -> CarrierOutcome:
        async with self._app.transactions.begin() as session:
            return await record_carrier_event(
                session,
                report.event,
                carrier=carrier,
                tracking_number=report.tracking_number,
                return_days=self._app.settings.return_days,
            )


def _answer(carrier: str, outcome: str, response: Response | None = None) -> Response:
    metrics.CARRIER_EVENTS.labels(carrier, outcome).inc()
    return response or PlainTextResponse("", headers={"Cache-Control": "no-store"})
