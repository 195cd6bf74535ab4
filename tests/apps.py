"""The parts of an app that runs in the process of the tests."""

from starlette.applications import Starlette
from starlette.routing import Route

from web.graphql.endpoint import Endpoint


def endpoint_of(app: Starlette) -> Endpoint:
    (found,) = (
        route.endpoint
        for route in app.routes
        if isinstance(route, Route) and isinstance(route.endpoint, Endpoint)
        if route.path == "/graphql"
    )
    return found
