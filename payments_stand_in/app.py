"""The application of the stand-in."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette

from payments_stand_in.control_calls import control_routes
from payments_stand_in.pages.routes import page_routes
from payments_stand_in.paystack.routes import routes as paystack_routes
from payments_stand_in.saving import save
from payments_stand_in.state import StandIn
from payments_stand_in.stripe.routes import routes as stripe_routes


def create_app(stand_in: StandIn, *, file: Path | None = None) -> Starlette:
    """Return the faces of both providers, the controls and the pages. Keeps objects in a file."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await stand_in.deliveries.close()
        if file:
            save(stand_in, file)

    routes = [
        *stripe_routes(stand_in),
        *paystack_routes(stand_in),
        *control_routes(stand_in),
        *page_routes(stand_in),
    ]
    app = Starlette(routes=routes, lifespan=lifespan)
    app.state.stand_in = stand_in
    return app
