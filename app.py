"""The composition root: creates every part once, and passes it to the parts that use it."""

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import strawberry
import structlog
from starlette.applications import Starlette
from starlette.routing import Route
from strawberry.extensions import DisableIntrospection, SchemaExtension
from strawberry.schema.config import StrawberryConfig

from core.database import Database
from core.documents import trusted_documents
from core.documents.persisted_documents import PersistedDocuments
from core.limits.caller_connections import CallerConnections
from core.limits.local_allowances import LocalAllowances
from core.limits.rate_limits import RateLimits
from core.observability import logging, tracing
from core.redis.pubsub import PubSub
from core.runtime.garbage import Freezer
from core.security.password_threads import PasswordThreads
from core.security.sealed import Sealer
from core.security.signing_keys import SigningKeys
from core.settings import Settings
from demo.shown import DemoData
from engine.context import AppState
from engine.errors.conversion import ErrorFormatter, PlainUserError
from engine.execution.extension import Execution
from engine.instrumentation import Instrumentation
from engine.limits.document_cache import DocumentCache
from engine.limits.document_parsing import DocumentParsing
from engine.limits.extension import RequestLimits
from engine.public_answers.answers import PublicAnswers
from engine.scalars import SCALARS
from gateways.payments.factory import create_payment_gateways
from gateways.sign_in.factory import create_sign_in
from gateways.storage.factory import create_storage
from resolvers import Mutation, Query
from schema.bookings.errors import ERRORS as BOOKING_ERRORS
from schema.events.errors import ERRORS as EVENT_ERRORS
from schema.fraud.errors import ERRORS as FRAUD_ERRORS
from schema.identity.errors import CodeWrong, FactorWrong, PasswordWeak, StepUpRequired
from schema.ledger.errors import WalletTooLow
from schema.offers.rules import RuleFailed
from schema.orders.errors import PaymentMismatch, TotalChanged
from schema.orders.line_errors import TooManyUnits
from schema.quotas import DailyLimitReached
from schema.stock.errors import InsufficientStock, StockMoved
from services.audit.recorder import AuditRecorder
from services.carts.limits import CartLimits
from services.chat.presence import PresenceTracker, TypingTracker
from services.events.passes.wallets import Wallets
from services.fraud.assessing import Assessor
from services.fraud.counters import FraudCounters
from services.identity.factors.factor_limits import FactorLimits
from services.identity.factors.factors import FactorPolicy
from services.identity.passwords.hashing_limits import HashingLimits
from services.identity.phones.phone_limits import PhoneLimits
from services.identity.providers.provider_limits import ProviderLimits
from services.identity.registrations.registration_limits import RegistrationLimits
from services.identity.sessions.browser_lookups import BrowserLookups
from services.identity.sessions.refresh_confirmations import RefreshConfirmations
from services.identity.sessions.revocation_list import RevocationList
from services.identity.sign_ins.log_in import PasswordLogIn
from services.identity.sign_ins.start_limits import StartLimits
from services.identity.tokens.known_tokens import KnownTokens
from services.identity.tokens.token_lookups import TokenLookups
from services.journal.cursor import CursorCodec
from services.journal.feed import Feed
from services.offers.for_you.kept_lists import KeptLists
from services.payments.limits import PaymentLimits
from services.redemptions.code_limits import CodeLimits
from services.status import ServerStatus
from services.transaction import Transactions
from services.uploads.ingest import UploadIngest
from subscriptions import Subscription
from web import health, schema_download, security_txt, webauthn_origins
from web.files import (
    calendars,
    csv_files,
    downloads,
    invoices,
    objects,
    passes,
    payout_files,
    pictures,
    shipment_papers,
    statements,
    tickets,
)
from web.graphql.endpoint import Endpoint
from web.middleware.stack import middleware
from web.pages import link
from web.pages import routes as pages
from web.uvicorn_protocols.connection_limits import ConnectionLimits
from web.webhooks import carriers
from web.webhooks import payments as payment_webhooks

log = structlog.get_logger(__name__)


def create_schema(settings: Settings) -> strawberry.Schema:
    """Return the GraphQL schema."""
    extensions: list[type[SchemaExtension]] = [Instrumentation, ErrorFormatter]
    extensions += [DocumentParsing, RequestLimits, Execution]
    if not settings.shows_introspection:
        extensions.append(DisableIntrospection)
    return strawberry.Schema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        types=[
            PlainUserError,
            CodeWrong,
            DailyLimitReached,
            InsufficientStock,
            PaymentMismatch,
            TotalChanged,
            StockMoved,
            *BOOKING_ERRORS,
            *EVENT_ERRORS,
            RuleFailed,
            *FRAUD_ERRORS,
            TooManyUnits,
            WalletTooLow,
            FactorWrong,
            PasswordWeak,
            StepUpRequired,
        ],
        extensions=extensions,
        config=StrawberryConfig(
            scalar_map=SCALARS, disable_field_suggestions=not settings.development
        ),
    )


def create_server() -> Starlette:
    """Return the application of a process that does nothing else."""
    return create_app(Settings(), owns_process=True)


def create_app(settings: Settings, *, owns_process: bool = False) -> Starlette:
    """Return the application. Its lifespan starts and stops the parts."""
    logging.configure(json=settings.logs_json)
    if settings.traces_to:
        tracing.configure(settings.traces_to)
    app = _create_state(settings)
    status = ServerStatus(app.database, settings.redis)
    demo_data = DemoData(app.database, app.sealer)
    page = pages.graphiql(app, demo_data) if settings.shows_graphiql else None
    endpoint = Endpoint(create_schema(settings), app, page)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[dict[str, object]]:
        await app.start()
        log.info("server.process_ready", pid=os.getpid())
        if owns_process:
            app.freezer.start()
        try:
            yield {"connection_limits": ConnectionLimits(settings)}
        finally:
            await endpoint.stop()
            await status.close()
            await app.stop()
            logging.flush()

    starlette = Starlette(
        routes=[
            *health.public_routes(settings, status, app.keys),
            *security_txt.routes(settings.security_contact),
            *webauthn_origins.routes(settings.relying_party),
            *schema_download.routes(app),
            *pages.routes(app, status, demo_data),
            *objects.routes(app),
            *pictures.routes(app),
            *shipment_papers.routes(app),
            *tickets.routes(app),
            *calendars.routes(app),
            *passes.routes(app),
            *downloads.routes(app),
            *payout_files.routes(app),
            *csv_files.routes(app),
            *invoices.routes(app),
            *statements.routes(app),
            *carriers.routes(app),
            *payment_webhooks.routes(app),
            Route("/graphql", endpoint),
            Route("/graphql/", endpoint),
        ],
        middleware=middleware(settings, endpoint, operations=health.operations(status)),
        lifespan=lifespan,
    )
    starlette.router.redirect_slashes = False  # it redirects to the host that the request names
    return starlette


def _create_state(settings: Settings) -> AppState:
    freezer = Freezer()
    database = _connect(settings, settings.database_pool, settings.database_read_pool)
    pubsub = PubSub(settings.redis)
    limits = RateLimits(settings.redis)
    public_answers = PublicAnswers(settings.redis, pubsub, settings.public_answer_seconds)
    keys = SigningKeys.load(settings.keys_file, settings.file_secrets)
    sealer = Sealer(keys)
    storage = create_storage(settings, keys)
    passwords = PasswordThreads()
    hashing = HashingLimits(limits, settings)
    revocations = RevocationList(database, _connect(settings, pool=1), pubsub)
    transactions = Transactions(
        database,
        pubsub,
        notify_after=settings.notify_after,
        note_revocation=revocations.note_own,
        note_changes=public_answers.note_changes,
    )
    return AppState(
        settings=settings,
        database=database,
        transactions=transactions,
        caller_connections=CallerConnections(),
        keys=keys,
        sealer=sealer,
        limits=limits,
        local_allowances=LocalAllowances(limits),
        log_in=PasswordLogIn(database, limits, hashing, passwords, sealer, settings),
        token_lookups=TokenLookups(database, limits, KnownTokens(settings.redis)),
        hashing_limits=hashing,
        passwords=passwords,
        registration_limits=RegistrationLimits(limits, sealer, settings),
        phone_limits=PhoneLimits(limits, sealer, settings),
        provider_limits=ProviderLimits(limits, settings),
        start_limits=StartLimits(limits, settings),
        cart_limits=CartLimits(limits, settings),
        sign_in=create_sign_in(settings),
        factor_limits=FactorLimits(limits, settings),
        code_limits=CodeLimits(limits, settings),
        browser_lookups=_browser_lookups(settings, database, revocations, limits),
        revocations=revocations,
        refresh_confirmations=RefreshConfirmations(transactions),
        pubsub=pubsub,
        feed=Feed(database, pubsub, CursorCodec(keys)),
        document_cache=DocumentCache(on_new=freezer.note_document),
        public_answers=public_answers,
        freezer=freezer,
        persisted_documents=PersistedDocuments(settings.redis, _trusted_documents(settings)),
        typing=TypingTracker(settings.redis, pubsub),
        presence=PresenceTracker(settings.redis, pubsub),
        objects=storage,
        uploads=UploadIngest(storage),
        audit=AuditRecorder(transactions),
        payments=create_payment_gateways(settings),
        payment_limits=PaymentLimits(limits),
        wallets=Wallets.of(settings),
        fraud=Assessor(FraudCounters(settings.redis), keys),
        kept_lists=KeptLists(settings.redis),
    )


def _connect(settings: Settings, pool: int, read_pool: int = 10) -> Database:
    return Database(
        settings.sqlalchemy_url,
        pool,
        read_pool=read_pool,
        statement_seconds=settings.statement_timeout_seconds,
        prepared_statements=settings.prepared_statements,
    )


def _browser_lookups(
    settings: Settings, database: Database, revocations: RevocationList, limits: RateLimits
) -> BrowserLookups:
    policy = FactorPolicy(
        admins=settings.factor_required_for_admins, owners=settings.factor_required_for_owners
    )
    return BrowserLookups(settings.redis, database, revocations, limits, policy)


def _trusted_documents(settings: Settings) -> Mapping[str, str] | None:
    """Return the only documents that are executed, by hash, or None if all are."""
    path = settings.trusted_documents
    return {**trusted_documents.read(path), **link.trusted_documents()} if path else None
