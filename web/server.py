"""Runs uvicorn."""

import os
import signal
import socket
import sys
from contextlib import suppress
from functools import partial
from types import FrameType
from typing import NoReturn

import structlog
import uvicorn
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from core.observability.exposition import forget_process, shared_metrics
from core.observability.logging import flush
from core.settings import Settings, SettingsInvalid
from core.version import VERSION
from web.middleware.body_limit import MAX_BODY_BYTES
from web.uvicorn_protocols.http import HTTPConnection
from web.uvicorn_protocols.websocket import WebSocketConnection

SHUTDOWN_SECONDS = 8
# Longer than the keep-alive of clients and load balancers, which would otherwise send requests on
# a connection that is just being closed.
KEEP_ALIVE_SECONDS = 75
# A process that does not answer its parent for so long is replaced. It does not while it imports
# the application: with uvicorn's 5 seconds, a busy machine replaced processes that were starting.
HANGING_SECONDS = 30

log = structlog.get_logger(__name__)


def run(settings: Settings) -> None:
    """Serve on PORT and on the operations port, with as many processes as `workers`.

    All processes accept connections on both sockets. Exits with 3 if the start fails.
    """
    at = partial(_config, settings)
    config = at(settings.host, settings.port)
    sockets = [listen("HOST and PORT", settings.host, settings.port)]
    if settings.operations_port:
        host, port = settings.operations_host, settings.operations_port
        sockets.append(listen("OPERATIONS_HOST and OPERATIONS_PORT", host, port))
    log.info(
        "server.starting",
        version=VERSION,
        address=f"{settings.host or '*'}:{settings.port}",
        operations_port=settings.operations_port,
        workers=settings.workers,
        environment=settings.environment,
        pid=os.getpid(),
    )
    if config.workers > 1:
        _run_several(config, sockets)
    else:
        _run_one(config, sockets)


def _run_one(config: uvicorn.Config, sockets: list[socket.socket]) -> None:
    server = LoggedServer(config)
    with suppress(KeyboardInterrupt):  # uvicorn raises the signal again after it has shut down
        server.run(sockets)
    if not server.started:
        _end_failed_start()


def _run_several(config: uvicorn.Config, sockets: list[socket.socket]) -> None:
    with shared_metrics():
        processes = Processes(config, sockets=sockets)
        processes.run()
    if processes.reason is None:
        _end_failed_start()
    log.info("server.stopped", reason=processes.reason)


def _end_failed_start() -> NoReturn:
    log.error("server.stopped", reason="the start failed")
    sys.exit(STARTUP_FAILURE)


class LoggedServer(uvicorn.Server):
    """A server in this process that logs the reason of its end."""

    reason: str | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.reason = signal.Signals(sig).name
        super().handle_exit(sig, frame)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        log.info("server.stopping", reason=self.reason)
        await super().shutdown(sockets)
        log.info("server.stopped", reason=self.reason)
        flush()


class Processes(Multiprocess):
    """Several server processes, with shared metrics. Those that end are replaced."""

    reason: str | None = None

    def handle_signals(self) -> None:
        for number in self.signal_queue:
            if number in {signal.SIGINT, signal.SIGTERM}:
                self.reason = signal.Signals(number).name
                log.info("server.stopping", reason=self.reason)
        super().handle_signals()

    def keep_subprocess_alive(self) -> None:
        before = [one.process for one in self.processes]
        super().keep_subprocess_alive()
        for process in before:
            if process.exitcode is not None and process.pid is not None:
                forget_process(process.pid)
                log.warning("server.process_ended", pid=process.pid, code=process.exitcode)


def listen(names: str, host: str, port: int) -> socket.socket:
    """Return a socket that child processes inherit. Raises `SettingsInvalid`."""
    try:
        bound = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
    except OSError as error:
        raise SettingsInvalid(
            f"{names}: cannot listen on {host or 'all addresses'}, port {port}: {error.strerror}."
            " Choose an address of this machine, and a port that is free."
        ) from error
    bound.set_inheritable(True)
    return bound


def _config(settings: Settings, host: str, port: int) -> uvicorn.Config:
    return uvicorn.Config(
        "app:create_server",
        factory=True,
        host=host,
        port=port,
        workers=settings.workers,
        log_config=None,
        access_log=False,  # uvicorn would format a line for each request, and then drop it
        proxy_headers=True,
        forwarded_allow_ips=settings.trusted_proxies,
        server_header=False,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_worker_healthcheck=HANGING_SECONDS,
        ws_max_size=MAX_BODY_BYTES,
        ws_per_message_deflate=False,  # one encoded message is sent to many sockets
        http=HTTPConnection,
        ws=WebSocketConnection,
    )
