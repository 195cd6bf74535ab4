"""`/.well-known/webauthn`: the origins that may use passkeys of the domain (WebAuthn, 5.11)."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from core.security.relying_party import RelyingParty

PATH = "/.well-known/webauthn"


def routes(party: RelyingParty) -> list[Route]:
    """Return the route, if there are several origins. Apps are no origins of pages."""
    origins = [one for one in party.origins if one.startswith(("https://", "http://"))]

    async def webauthn(_: Request) -> Response:
        return JSONResponse({"origins": origins}, headers={"Cache-Control": "public, max-age=3600"})

    return [Route(PATH, webauthn)] if len(origins) > 1 else []
