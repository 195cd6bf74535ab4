"""The application of the stand-in."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette

from payments_stand_in.control_calls import control_routes
from payments_stand_in.state import StandIn
from payments_stand_in.stripe.routes import routes as stripe_routes


def create_app(stand_in: StandIn) -> Starlette:
    """Return the faces of both providers, the controls and the pages."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await stand_in.deliveries.close()

    routes = [*stripe_routes(stand_in), *control_routes(stand_in)]
    app = Starlette(routes=routes, lifespan=lifespan)
    app.state.stand_in = stand_in
    return app
