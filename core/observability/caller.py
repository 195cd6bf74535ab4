"""The network and the device of a request, for logs, audit entries and sessions."""

from contextvars import ContextVar

# Set once per request or WebSocket, like `asgi_correlation_id.correlation_id`. Empty in jobs.
caller_network: ContextVar[str] = ContextVar("caller_network", default="")
caller_device: ContextVar[str | None] = ContextVar("caller_device", default=None)
