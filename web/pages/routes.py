"""The start page, what else development has, GraphiQL, and what browsers open. All is local."""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.templating import Jinja2Templates
from strawberry.relay import to_base64

from core.settings import HOME, Settings
from core.version import VERSION
from demo.identity.accounts import ACCOUNTS, PASSWORD
from demo.shown import DemoData
from engine.context import AppState
from gateways.mail import MailOutbox
from gateways.push import PushOutbox
from gateways.sms import SmsOutbox
from services.status import ServerStatus
from web.middleware.network_charges import PAGE_COST, PageCharge, charge_network
from web.pages import booking, link, providers
from web.pages.tabs import make_tabs

BASE_CSP = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
HOME_CSP = BASE_CSP + "style-src 'self'; img-src data:"
LIVE_CSP = HOME_CSP + " 'self'; script-src 'self'; connect-src 'self'"
SCAN_HEADERS = {
    "Content-Security-Policy": LIVE_CSP,
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=()",
}
MAX_OUTBOX_MESSAGES = 20
ENDPOINTS = [
    {"path": "/live", "what": "Chat and till in a tab each, updated live"},
    {"path": "/scan", "what": "The gate of a date: checks tickets in, also without a network"},
    {"path": "/graphql", "what": "The API; in a browser, GraphiQL"},
    {"path": "/schema.graphql", "what": "The schema, for code generators"},
    {"path": "/health", "what": "Liveness check"},
    {"path": "/ready", "what": "Readiness check: database, Redis and migrations"},
    {"path": "/metrics", "what": "Prometheus metrics"},
    {"path": "/.well-known/jwks.json", "what": "Public keys that verify our tokens"},
]

templates = Jinja2Templates(directory=Path(__file__).parent / "templates")


def routes(app: AppState, status: ServerStatus, demo_data: DemoData) -> list[Route | Mount]:
    settings, charged = app.settings, [Middleware(PageCharge, app)]

    async def home(request: Request) -> Response:
        values = {
            "version": VERSION,
            "services": [asdict(check) for check in await status.checks()],
            "accounts": _accounts(),
            "endpoints": ENDPOINTS,
            "counts": await demo_data.counts(),
            "outbox": _outbox(settings),
        }
        return templates.TemplateResponse(
            request, "home.html", values, headers={"Content-Security-Policy": HOME_CSP}
        )

    async def live(request: Request) -> Response:
        values = _tab(request) | {"demo": await find_ids(demo_data)}
        return templates.TemplateResponse(
            request, "live.html", values, headers={"Content-Security-Policy": LIVE_CSP}
        )

    async def scan(request: Request) -> Response:
        return templates.TemplateResponse(request, "scan.html", _tab(request), headers=SCAN_HEADERS)

    pages: list[Route | Mount] = []
    if settings.development:
        pages += [
            Route("/", home, middleware=charged),
            Route("/live", live, middleware=charged),
            Route("/scan", scan, middleware=charged),
        ]
    if settings.shows_graphiql or pages:
        files = StaticFiles(directory=HOME / "static")
        pages.append(Mount("/static", files, name="static", middleware=charged))
    return [*link.routes(app), *booking.routes(app), *providers.routes(app), *pages]


def graphiql(app: AppState, demo_data: DemoData) -> Callable[[Request], Awaitable[Response]]:
    settings = app.settings

    async def page(request: Request) -> Response:
        if refused := await charge_network(app, request, PAGE_COST):
            return refused
        nonce = secrets.token_urlsafe(16)
        values = {
            "nonce": nonce,
            "accounts": _accounts() if settings.development else [],
            "tabs": await _tabs(settings, demo_data) if settings.development else [],
        }
        csp = (
            f"{BASE_CSP}script-src 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}';"
            " img-src data:; connect-src 'self'"
        )
        return templates.TemplateResponse(
            request, "graphiql.html", values, headers={"Content-Security-Policy": csp}
        )

    return page


async def _tabs(settings: Settings, demo_data: DemoData) -> list[dict[str, str]]:
    return make_tabs(await find_ids(demo_data), settings.address)


def _accounts() -> list[dict[str, str]]:
    return [
        {"email": one.email, "name": one.name, "role": one.role_name, "password": PASSWORD}
        for one in ACCOUNTS
    ]


def _tab(request: Request) -> dict[str, Any]:
    """Return the accounts, and the one that the tab is signed in with."""
    accounts = _accounts()
    email = request.query_params.get("as")
    person = next((one for one in accounts if one["email"] == email), None)
    return {"accounts": accounts, "person": person}


def _outbox(settings: Settings) -> list[dict[str, str]]:
    mails = MailOutbox(settings.outbox, settings.mail_from).latest()
    pushes = PushOutbox(settings.outbox).latest()
    messages = SmsOutbox(settings.outbox).latest()
    return sorted([*mails, *pushes, *messages], key=lambda one: one["id"], reverse=True)[
        :MAX_OUTBOX_MESSAGES
    ]


async def find_ids(demo_data: DemoData) -> dict[str, str]:
    """Return ids of the demo data, empty without it."""
    found = await demo_data.ids()
    rows = {
        "Vendor": found.vendor,
        "Offer": found.offer,
        "Conversation": found.conversation,
        "Variant": found.variant,
        **found.money,
    }
    ids = {
        name[0].lower() + name[1:]: to_base64(name, id) if id else "" for name, id in rows.items()
    }
    return {**ids, **found.events, **found.bookings, **found.drafts, "code": found.code or ""}
