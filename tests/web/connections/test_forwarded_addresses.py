"""Sockets are counted by the address that the application sees."""

import pytest
from starlette.types import Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from core.settings import Settings
from web.caller_address import caller_address
from web.uvicorn_protocols.connection_limits import ConnectionLimits

PROXIES = "10.0.0.0/24,2001:db8::5"


@pytest.mark.parametrize("peer", ["10.0.0.9", "2001:db8::5", "198.51.100.1", ""])
@pytest.mark.parametrize(
    "forwarded",
    [
        [],
        [""],
        ["203.0.113.7"],
        ["203.0.113.7:4711"],
        ["[2001:db8::7]:4711"],
        ["198.51.100.66, 203.0.113.7, 10.0.0.4"],
        ["198.51.100.66", "203.0.113.7"],
        ["10.0.0.3, 10.0.0.4"],
        ["unknown"],
        ["x" * 500],
        ["\xff"],
    ],
)
async def test_the_address_is_the_one_of_uvicorn(
    settings: Settings, peer: str, forwarded: list[str]
) -> None:
    scope: Scope = {
        "type": "websocket",
        "client": (peer, 1) if peer else None,
        "headers": [(b"x-forwarded-for", one.encode("latin-1")) for one in forwarded],
    }
    limits = ConnectionLimits(settings.model_copy(update={"trusted_proxies": PROXIES}))
    found = limits._forwarded_address(dict(scope))
    seen: list[str] = []

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(caller_address(scope))

    await ProxyHeadersMiddleware(application, PROXIES)(scope, None, None)  # type: ignore[arg-type]
    assert [found] == seen
