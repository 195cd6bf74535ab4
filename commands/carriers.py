"""`haat carrier-stand-in`: a carrier for development, which reports a parcel's way."""

import json
import time
from datetime import UTC, datetime, timedelta
from typing import Annotated

import httpx
import typer

from commands.console import results, stop
from core.ids import new_id
from core.security.webhook_signatures import sign
from core.settings import Settings, read_settings
from core.web.hosts import is_loopback
from models.shipments import ShipmentState

# The order in which the reports are sent, each with the seconds at which it was, and its place.
# Carriers send some twice, and some late.
EVENTS = (
    (ShipmentState.SHIPPED, 1, "Bengaluru"),
    (ShipmentState.OUT_FOR_DELIVERY, 3, "Mysuru"),
    (ShipmentState.OUT_FOR_DELIVERY, 3, "Mysuru"),
    (ShipmentState.SHIPPED, 2, "Mandya"),
    (ShipmentState.DELIVERED, 4, "Mysuru"),
)
TIMEOUT_SECONDS = 10


def stand_in(
    carrier: Annotated[
        str, typer.Argument(help="The carrier, as CARRIER_SECRETS names it, such as haat-post.")
    ],
    tracking_number: Annotated[str, typer.Argument(help="The tracking number of a shipment.")],
) -> None:
    """Report a parcel's way to the server of this machine, as its carrier would.

    Some reports are sent twice, and some late. The last one is the delivery.
    """
    settings = read_settings(Settings.for_tools)
    if not is_loopback(settings.reachable_host):
        stop("`haat carrier-stand-in` is for a server of this machine. Set HOST to 127.0.0.1.")
    if carrier not in settings.carrier_secrets:
        stop(f"CARRIER_SECRETS has no {carrier}. Add {carrier}=whsec_… and start the server again.")
    secret, start = settings.carrier_secrets[carrier][0], datetime.now(UTC)
    base_url = f"http://{settings.reachable_host}:{settings.port}"
    with httpx.Client(base_url=base_url, timeout=TIMEOUT_SECONDS, trust_env=False) as http:
        for state, seconds, place in EVENTS:
            event = {
                "trackingNumber": tracking_number,
                "state": state,
                "at": (start + timedelta(seconds=seconds)).isoformat(),
                "place": place,
            }
            status = _post(http, carrier, secret, json.dumps(event).encode())
            results.print(f"{status} {state} {place}")


def _post(http: httpx.Client, carrier: str, secret: bytes, body: bytes) -> int:
    """Send a signed report. Return the status, which is 200 also for an unknown number."""
    id, timestamp = str(new_id()), int(time.time())
    headers = {
        "webhook-id": id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": sign(secret, id, timestamp, body),
    }
    try:
        answer = http.post(f"/webhooks/carriers/{carrier}", content=body, headers=headers)
    except httpx.TransportError as error:
        stop(f"No server answers at {http.base_url}: {error}. Start it with `haat dev`.")
    if answer.status_code != httpx.codes.OK:
        stop(f"The server answered {answer.status_code}: {answer.text}")
    return answer.status_code
