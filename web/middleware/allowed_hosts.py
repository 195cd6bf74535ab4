"""Refuses requests for other hosts."""

from collections.abc import Awaitable
from functools import lru_cache
from http import HTTPStatus
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send

from core.settings import Settings
from engine.errors.codes import Fault
from web.error_response import ErrorResponse

# A probe does not know PUBLIC_URL.
ANY_HOST = "/health"
REFUSED = ErrorResponse(
    HTTPStatus.MISDIRECTED_REQUEST,
    Fault.BAD_USER_INPUT,
    "This server does not serve this host. Use the host of PUBLIC_URL, or an IP address.",
)


def allowed_hosts(settings: Settings) -> frozenset[str] | None:
    """Return the host names that the server serves, None for any.

    In development, only those of this machine: by DNS rebinding, a page of another site could
    read the demo pages under its own name.
    """
    if settings.development:
        return frozenset({"localhost", settings.public_host or "localhost"})
    return frozenset({"localhost", settings.public_host}) if settings.public_host else None


MAX_HOST_LENGTH = 300  # a name has at most 253 characters (RFC 1035)


class AllowedHosts:
    """Serves requests for these hosts, and for IP addresses, which DNS cannot rebind.

    Starlette's TrustedHostMiddleware cannot express that, and is kept in memory for each socket.
    """

    def __init__(self, app: ASGIApp, hosts: frozenset[str] | None) -> None:
        self.app = app
        self.hosts = hosts

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        allowed = scope["type"] == "lifespan" or scope["path"] == ANY_HOST or self._serves(scope)
        return (self.app if allowed else REFUSED)(scope, receive, send)

    def _serves(self, scope: Scope) -> bool:
        if self.hosts is None:
            return True
        sent = next((value for name, value in scope["headers"] if name == b"host"), b"")
        header = sent.decode("latin-1")
        return len(header) <= MAX_HOST_LENGTH and _serves(self.hosts, header)


@lru_cache(maxsize=256)
def _serves(hosts: frozenset[str], header: str) -> bool:
    """Return whether a host is served. `header` has at most `MAX_HOST_LENGTH` characters."""
    try:
        host = urlsplit(f"//{header}").hostname or ""
        return host in hosts or bool(ip_address(host))
    except ValueError:
        return False
