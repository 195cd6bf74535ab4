"""`haat payments-stand-in`: Stripe and Paystack for development."""

import os
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from commands.console import console, results, stop
from core.settings import HOME, Settings, read_settings

if TYPE_CHECKING:
    from payments_stand_in.terminal import Terminal

PORT = 12111
NAME = "payments-stand-in"
FILE = HOME / ".haat/payments_stand_in.json"


def stand_in(
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port on 127.0.0.1.")] = PORT,
    webhooks_to: Annotated[
        str, typer.Option(help="The server that gets the webhooks. By default, HOST:PORT.")
    ] = "",
    file: Annotated[
        Path | None, typer.Option(help="Keep payments in this file while it does not run.")
    ] = None,
) -> None:
    """Answer as Stripe and Paystack do, with test cards and a page that shows the money.

    `haat dev` starts it, unless the keys of both providers are set. See docs/payments_stand_in.md.
    """
    from payments_stand_in.server import Options, run  # noqa: PLC0415 - others need no stand-in

    settings = read_settings(Settings.for_tools)
    if not is_free(port):
        stop(f"Port {port} is in use. Choose another one with --port.")
    target = webhooks_to or f"http://{settings.reachable_host}:{settings.port}"
    results.print(f"Payments stand-in: http://127.0.0.1:{port}/, webhooks to {target}")
    run(Options(port, target, file))


def settings_of_stand_in(settings: Settings, url: str) -> Mapping[str, str]:
    """Return the settings by which servers and workers use the stand-in for what has no key."""
    from payments_stand_in import state  # noqa: PLC0415 - others need no stand-in

    found: dict[str, str] = {}
    if not settings.stripe_secret_key:
        found |= {
            "STRIPE_SECRET_KEY": state.SECRET_KEY,
            "STRIPE_PUBLISHABLE_KEY": state.PUBLISHABLE_KEY,
            "STRIPE_WEBHOOK_SECRETS": state.WEBHOOK_SECRET,
            "STRIPE_URL": url,
        }
    if not settings.paystack_secret_key:
        found |= {"PAYSTACK_SECRET_KEY": state.SECRET_KEY, "PAYSTACK_URL": f"{url}/paystack"}
    return found


def prepare_stand_in(settings: Settings) -> tuple[str, ...]:
    """Set the settings of the stand-in for child processes, and return its command, if needed."""
    port = PORT if is_free(PORT) else _free_port()
    needed = settings_of_stand_in(settings, f"http://127.0.0.1:{port}")
    if not needed:
        return ()
    os.environ.update(needed)
    console.print(f"Payments go to a stand-in: [bold]http://127.0.0.1:{port}/[/]")
    return (f"{NAME} --port {port} --file {FILE}",)


def open_terminal(settings: Settings) -> "Terminal | None":
    """Return what fills the stand-in of `haat dev` with demo data, None for a real provider."""
    from payments_stand_in.terminal import Terminal  # noqa: PLC0415 - as above

    return None if settings.stripe_secret_key else Terminal(FILE)


def is_free(port: int) -> bool:
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port
