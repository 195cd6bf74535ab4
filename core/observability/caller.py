"""The network that a request comes from, for logs and audit entries."""

from contextvars import ContextVar

# Set once per request or WebSocket, like `asgi_correlation_id.correlation_id`. Empty in jobs.
caller_network: ContextVar[str] = ContextVar("caller_network", default="")
