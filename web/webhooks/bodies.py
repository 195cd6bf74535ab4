"""Bodies of webhooks, read whole, because their signatures are over the bytes."""

import asyncio

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from web.middleware.network_charges import text_error

BODY_SECONDS = 10


async def read_body(request: Request, most: int) -> bytes | Response:
    """Return the body, or the answer to one that is too long or does not come."""
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.stream():
                body += chunk
                if len(body) > most:
                    return text_error(413, f"The body has more than {most // 1024} KiB.")
    except (ClientDisconnect, TimeoutError):
        return text_error(408, "The body was not received in time.")
    return bytes(body)
