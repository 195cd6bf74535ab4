"""The IP address of the caller."""

from starlette.types import Scope


def caller_address(scope: Scope) -> str:
    """Return the caller's address, which uvicorn takes from a trusted proxy's header."""
    client = scope.get("client")
    return client[0] if client else ""
