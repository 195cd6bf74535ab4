"""The server of the stand-in, which listens on this machine alone."""

from dataclasses import dataclass
from pathlib import Path

import uvicorn

from payments_stand_in.app import create_app
from payments_stand_in.saving import load
from payments_stand_in.state import WEBHOOK_SECRET, StandIn
from payments_stand_in.stripe.events import add_endpoint

HOST = "127.0.0.1"
KEEP_ALIVE_SECONDS = 75  # longer than clients keep idle connections
STRIPE_WEBHOOKS, PAYSTACK_WEBHOOKS = "/webhooks/stripe", "/webhooks/paystack"


@dataclass(frozen=True)
class Options:
    """The port, the server that gets webhooks, and the file that keeps the objects."""

    port: int
    webhooks_to: str | None = None
    file: Path | None = None


def run(options: Options) -> None:
    """Serve until the process is stopped."""
    stand_in = StandIn(f"http://{HOST}:{options.port}")
    if options.file:
        load(stand_in, options.file)
    if options.webhooks_to:
        notify(stand_in, options.webhooks_to)
    # Lost answers are errors to uvicorn, and what was asked for.
    app = create_app(stand_in, file=options.file)
    uvicorn.run(
        app,
        host=HOST,
        port=options.port,
        log_level="critical",
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
    )


def notify(stand_in: StandIn, server: str) -> None:
    """Send the webhooks of both providers to a server, instead of to former ones."""
    stand_in.store.kinds.pop("webhook_endpoint", None)
    url = server.rstrip("/")
    stand_in.paystack_webhooks = f"{url}{PAYSTACK_WEBHOOKS}"
    for connect in (False, True):
        add_endpoint(stand_in, f"{url}{STRIPE_WEBHOOKS}", secret=WEBHOOK_SECRET, connect=connect)
