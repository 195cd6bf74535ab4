"""The IP address of the caller."""

from starlette.types import Scope

from core.limits.networks import MAX_ADDRESS_LENGTH


def caller_address(scope: Scope) -> str:
    """Return the caller's address, which uvicorn takes from a trusted proxy's header.

    A proxy may pass on any text, so it is cut.
    """
    client = scope.get("client")
    return client[0][:MAX_ADDRESS_LENGTH] if client else ""
