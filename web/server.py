"""Runs uvicorn."""

import sys
from contextlib import suppress
from functools import partial

import uvicorn
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from core.settings import Settings
from web.body_limit import MAX_BODY_BYTES
from web.uvicorn_protocols.http import HTTPConnection
from web.uvicorn_protocols.websocket import WebSocketConnection

SHUTDOWN_SECONDS = 8
# Longer than the keep-alive of clients and load balancers, which would otherwise send requests on
# a connection that is just being closed.
KEEP_ALIVE_SECONDS = 75


def run(settings: Settings) -> None:
    """Serve on PORT and on the operations port, with as many processes as `workers`.

    All processes accept connections on both sockets. Exits with 3 if the start fails.
    """
    at = partial(_config, settings)
    config = at(settings.host, settings.port)
    sockets = [config.bind_socket()]
    if settings.operations_port:
        sockets.append(at(settings.operations_host, settings.operations_port).bind_socket())
    if config.workers > 1:
        Multiprocess(config, sockets=sockets).run()
        return
    server = uvicorn.Server(config)
    with suppress(KeyboardInterrupt):  # uvicorn raises the signal again after it has shut down
        server.run(sockets)
    if not server.started:
        sys.exit(STARTUP_FAILURE)


def _config(settings: Settings, host: str, port: int) -> uvicorn.Config:
    return uvicorn.Config(
        "app:create_app",
        factory=True,
        host=host,
        port=port,
        workers=settings.workers,
        log_config=None,
        proxy_headers=True,
        forwarded_allow_ips=settings.trusted_proxies,
        server_header=False,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        ws_max_size=MAX_BODY_BYTES,
        ws_per_message_deflate=False,  # one encoded message is sent to many sockets
        http=HTTPConnection,
        ws=WebSocketConnection,
    )
