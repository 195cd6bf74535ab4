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

from core import logging, tracing, trusted_documents
from core.attempt_limits import AttemptLimiter
from core.cost_budget import CostBudget
from core.database import Database
from core.persisted_documents import PersistedDocuments
from core.pubsub import PubSub
from core.settings import HOME, Settings
from core.signing_keys import SigningKeys
from engine.context import AppState
from engine.errors import ErrorFormatter, Refusal
from engine.instrumentation import Instrumentation
from engine.limits.document_cache import DocumentCache
from engine.limits.document_parsing import DocumentParsing
from engine.limits.extension import RequestLimits
from engine.scalars import SCALARS
from gateways.storage.factory import create_storage
from resolvers import Mutation, Query
from services.chat.presence import PresenceTracker, TypingTracker
from services.journal.feed import Feed
from services.status import ServerStatus
from services.transaction import Transactions
from services.uploads.ingest import UploadIngest
from subscriptions import Subscription
from web import files, health
from web.graphql.endpoint import Endpoint
from web.middleware import middleware
from web.pages import routes as pages


def create_schema(settings: Settings) -> strawberry.Schema:
    """The whole GraphQL schema, the same in every process."""
    extensions: list[type[SchemaExtension]] = [
        Instrumentation,
        ErrorFormatter,
        DocumentParsing,
        RequestLimits,
    ]
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
    keys, trusted = SigningKeys.load(settings.keys_file), settings.trusted_documents
    database, pubsub = (
        Database(settings.sqlalchemy_url, settings.database_pool),
        PubSub(settings.redis),
    )
    feed, overview = (
        Feed(database, pubsub),
        ServerStatus(database, settings.redis, newest_migration()),
    )
    storage = create_storage(settings, keys)
    app = AppState(
        settings=settings,
        database=database,
        transactions=Transactions(database, pubsub),
        keys=keys,
        attempts=AttemptLimiter(settings.redis, settings.log_in_attempts),
        budget=CostBudget(settings.redis),
        pubsub=pubsub,
        feed=feed,
        document_cache=DocumentCache(),
        persisted_documents=PersistedDocuments(
            settings.redis, trusted_documents.read(trusted) if trusted else None
        ),
        typing=TypingTracker(settings.redis, pubsub),
        presence=PresenceTracker(settings.redis, pubsub),
        objects=storage,
        uploads=UploadIngest(storage),
    )
    page = pages.graphiql(settings, overview) if settings.shows_graphiql else None
    endpoint = Endpoint(create_schema(settings), app, page)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await pubsub.start()
        await feed.start()
        await app.presence.start()
        await storage.start()
        gc.collect()
        gc.freeze()
        try:
            yield
        finally:
            await endpoint.stop()
            await app.presence.stop()
            await app.typing.close()
            await storage.stop()
            await feed.stop()
            await pubsub.stop()
            await overview.close()
            await app.budget.close()
            await app.persisted_documents.close()
            await database.close()

    return Starlette(
        routes=[
            *health.routes(overview, keys),
            *pages.routes(settings, overview),
            *files.routes(storage),
            Route("/graphql", endpoint),
        ],
        middleware=middleware(settings, endpoint),
        lifespan=lifespan,
    )


def newest_migration() -> str:
    scripts = ScriptDirectory.from_config(Config(HOME / "alembic.ini"))
    return scripts.get_current_head() or ""
