"""The composition root: every part is made here, once, and given to those who use it."""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import strawberry
from alembic.config import Config
from alembic.script import ScriptDirectory
from starlette.applications import Starlette
from starlette.routing import Route
from strawberry.extensions import DisableIntrospection, SchemaExtension
from strawberry.schema.config import StrawberryConfig

from core import documents, logging, tracing
from core.budget import Budget
from core.database import Database
from core.hub import Hub
from core.keys import Keys
from core.limits import Attempts
from core.settings import HOME, Settings
from gateways.stores import store
from resolvers.roots import Mutation, Query
from schema.context import House
from schema.errors import Failures, Refusal
from schema.limits import Limits
from schema.parsing import Parsing
from schema.scalars import SCALARS
from schema.watch import Watch
from services.journal import Transactions
from services.overview import Overview
from services.presence import Presences, Typing
from subscriptions.endpoint import Endpoint
from subscriptions.feed import Feed
from subscriptions.persisted import Documents
from subscriptions.roots import Subscription
from webhooks import objects, operations, pages
from webhooks.middleware import middleware


def create_schema(settings: Settings) -> strawberry.Schema:
    """The whole GraphQL schema, the same in every process."""
    extensions: list[type[SchemaExtension]] = [Watch, Failures, Parsing, Limits]
    if not settings.shows_introspection:
        extensions.append(DisableIntrospection)
    return strawberry.Schema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        types=[Refusal],
        extensions=extensions,
        config=StrawberryConfig(
            scalar_map=SCALARS, disable_field_suggestions=not settings.development
        ),
    )


def create_app(settings: Settings | None = None) -> Starlette:
    """One server process. Its parts are started and stopped by the lifespan."""
    settings = settings or Settings()
    logging.configure(json=settings.logs_json)
    if settings.traces_to:
        tracing.configure(settings.traces_to)
    keys, trusted = Keys.load(settings.keys_file), settings.trusted_documents
    database, hub = Database(settings.sqlalchemy_url, settings.database_pool), Hub(settings.redis)
    feed, overview = Feed(database, hub), Overview(database, settings.redis, newest_migration())
    files = store(settings, keys)
    house = House(
        settings=settings,
        database=database,
        transactions=Transactions(database, hub),
        keys=keys,
        attempts=Attempts(settings.redis, settings.log_in_attempts),
        budget=Budget(settings.redis),
        hub=hub,
        feed=feed,
        documents=Documents(settings.redis, documents.read(trusted) if trusted else None),
        typing=Typing(settings.redis, hub),
        presence=Presences(settings.redis, hub),
        objects=files,
    )
    page = pages.graphiql(settings, overview) if settings.shows_graphiql else None
    endpoint = Endpoint(create_schema(settings), house, page)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await hub.start()
        await feed.start()
        await house.presence.start()
        await files.start()
        gc.collect()
        gc.freeze()
        try:
            yield
        finally:
            await endpoint.stop()
            await house.presence.stop()
            await house.typing.close()
            await files.stop()
            await feed.stop()
            await hub.stop()
            await overview.close()
            await house.budget.close()
            await house.documents.close()
            await database.close()

    return Starlette(
        routes=[
            *operations.routes(overview, keys),
            *pages.routes(settings, overview),
            *objects.routes(files),
            Route("/graphql", endpoint),
        ],
        middleware=middleware(settings, endpoint),
        lifespan=lifespan,
    )


def newest_migration() -> str:
    scripts = ScriptDirectory.from_config(Config(HOME / "alembic.ini"))
    return scripts.get_current_head() or ""
