"""`/.well-known/security.txt` (RFC 9116): where to report a vulnerability."""

from datetime import datetime, timedelta

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from core.clock import now

PATH = "/.well-known/security.txt"
VALID_FOR = timedelta(days=90)  # RFC 9116, 2.5.5, recommends less than a year


def routes(contact: str) -> list[Route]:
    """Return the route, if there is a contact."""

    async def security_txt(_: Request) -> Response:
        return PlainTextResponse(
            content(contact, now()), headers={"Cache-Control": "public, max-age=86400"}
        )

    return [Route(PATH, security_txt)] if contact else []


def content(contact: str, moment: datetime) -> str:
    """Return the two required fields. A running server renews the date of expiry every day."""
    expires = (moment + VALID_FOR).replace(hour=0, minute=0, second=0, microsecond=0)
    return f"Contact: {contact}\r\nExpires: {expires:%Y-%m-%dT%H:%M:%SZ}\r\n"
