"""The schema in SDL, for code generators, at `/schema.graphql`."""

import hashlib

from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from core.settings import HOME
from engine.context import AppState
from web.middleware.network_charges import PageCharge

PATH = "/schema.graphql"
SDL = HOME / "schema/schema.graphql"


def routes(app: AppState) -> list[Route]:
    """Return the route, if the schema is public.

    The ETag is a hash of the text, so all servers of a version have the same one.
    """
    if not app.settings.publishes_schema:
        return []
    body = SDL.read_bytes()
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": etag, "Cache-Control": "public, max-age=300"}

    async def schema(request: Request) -> Response:
        if etag in _known_tags(request):
            return Response(status_code=304, headers=headers)
        return Response(body, headers=headers, media_type="text/plain; charset=utf-8")

    return [Route(PATH, schema, middleware=[Middleware(PageCharge, app)])]


def _known_tags(request: Request) -> set[str]:
    """Return the tags of `If-None-Match`. Proxies that compress make them weak."""
    tags = request.headers.get("if-none-match", "").split(",")
    return {tag.strip().removeprefix("W/") for tag in tags}
