"""The start page, the live page, GraphiQL, and the page of a mail's link. All assets are local."""

import json
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.templating import Jinja2Templates
from strawberry.relay import to_base64

from core.settings import HOME, Settings
from core.version import VERSION
from demo.accounts import ACCOUNTS, PASSWORD
from gateways.mail import MailOutbox
from gateways.push import PushOutbox
from services.status import ServerStatus
from web.pages import link

OWNER_EMAIL, CUSTOMER_EMAIL = "owner@haat.example", "customer@haat.example"
EXAMPLES = Path(__file__).parent / "examples"
BASE_CSP = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
HOME_CSP = BASE_CSP + "style-src 'self'; img-src data:"
LIVE_CSP = HOME_CSP + " 'self'; script-src 'self'; connect-src 'self'"
MAX_OUTBOX_MESSAGES = 20
ENDPOINTS = [
    {"path": "/live", "what": "Chat and till side by side, updated live"},
    {"path": "/graphql", "what": "The API; in a browser, GraphiQL"},
    {"path": "/schema.graphql", "what": "The schema, for code generators"},
    {"path": "/health", "what": "Liveness check"},
    {"path": "/ready", "what": "Readiness check: database, Redis and migrations"},
    {"path": "/metrics", "what": "Prometheus metrics"},
    {"path": "/.well-known/jwks.json", "what": "Public keys that verify our tokens"},
]

templates = Jinja2Templates(directory=Path(__file__).parent / "templates")


def routes(settings: Settings, status: ServerStatus) -> list[Route | Mount]:
    async def home(request: Request) -> Response:
        values = {
            "version": VERSION,
            "services": [asdict(check) for check in await status.checks()],
            "accounts": _accounts(),
            "endpoints": ENDPOINTS,
            "counts": await status.counts(),
            "outbox": _outbox(settings),
        }
        return templates.TemplateResponse(
            request, "home.html", values, headers={"Content-Security-Policy": HOME_CSP}
        )

    async def live(request: Request) -> Response:
        accounts = _accounts()
        email = request.query_params.get("as")
        person = next((one for one in accounts if one["email"] == email), None)
        values = {"accounts": accounts, "person": person, "demo": await _demo(status)}
        return templates.TemplateResponse(
            request, "live.html", values, headers={"Content-Security-Policy": LIVE_CSP}
        )

    files = Mount("/static", StaticFiles(directory=HOME / "static"), name="static")
    pages: list[Route | Mount] = (
        [Route("/", home), Route("/live", live)] if settings.development else []
    )
    if settings.shows_graphiql or pages:
        pages.append(files)
    return [*link.routes, *pages]


def graphiql(settings: Settings, status: ServerStatus) -> Callable[[Request], Awaitable[Response]]:
    async def page(request: Request) -> Response:
        nonce = secrets.token_urlsafe(16)
        values = {
            "nonce": nonce,
            "accounts": _accounts() if settings.development else [],
            "tabs": await _tabs(status) if settings.development else [],
        }
        csp = (
            f"{BASE_CSP}script-src 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}';"
            " img-src data:; connect-src 'self'"
        )
        return templates.TemplateResponse(
            request, "graphiql.html", values, headers={"Content-Security-Policy": csp}
        )

    return page


def _accounts() -> list[dict[str, str]]:
    return [
        {"email": one.email, "name": one.name, "role": one.role_name, "password": PASSWORD}
        for one in ACCOUNTS
    ]


def _outbox(settings: Settings) -> list[dict[str, str]]:
    mails = MailOutbox(settings.outbox, settings.mail_from).latest()
    pushes = PushOutbox(settings.outbox).latest()
    return sorted([*mails, *pushes], key=lambda one: one["id"], reverse=True)[:MAX_OUTBOX_MESSAGES]


async def _demo(status: ServerStatus) -> dict[str, str]:
    """Return ids of the demo data, empty without it."""
    vendor_id, offer_id = await status.find_demo_vendor(OWNER_EMAIL)
    conversation_id = await status.find_conversation(CUSTOMER_EMAIL, vendor_id)
    code = await status.find_voucher_code(CUSTOMER_EMAIL, vendor_id)
    return {
        "vendor": to_base64("Vendor", vendor_id) if vendor_id else "",
        "offer": to_base64("Offer", offer_id) if offer_id else "",
        "conversation": to_base64("Conversation", conversation_id) if conversation_id else "",
        "code": code or "",
    }


async def _tabs(status: ServerStatus) -> list[dict[str, str]]:
    """Return GraphiQL tabs that run as is, with ids of the demo data."""
    demo = await _demo(status)
    variables: Mapping[str, Mapping[str, Any]] = {
        "Browse": {"first": 5, "near": {"latitude": 12.9716, "longitude": 77.5946}},
        "Claim": {"input": {"offerId": demo["offer"], "idempotencyKey": str(uuid4())}},
        "Wallet": {},
        "Redeem": {
            "input": {
                "vendorId": demo["vendor"],
                "code": demo["code"],
                "idempotencyKey": str(uuid4()),
            }
        },
        "Watch": {"vendorId": demo["vendor"]},
        "Categories": {
            "input": {
                "slug": "pets",
                "name": [{"locale": "en", "text": "Pets"}, {"locale": "de", "text": "Haustiere"}],
            }
        },
        "Chat": {
            "conversationId": demo["conversation"],
            "message": {
                "conversationId": demo["conversation"],
                "clientMessageId": str(uuid4()),
                "text": "Good morning!",
            },
        },
    }
    return [
        {
            "title": title,
            "query": (EXAMPLES / f"{title.lower()}.graphql").read_text(),
            "variables": json.dumps(values, indent=2),
        }
        for title, values in variables.items()
    ]
