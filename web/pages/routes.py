"""The start page of development, the live page, and GraphiQL: all they load is served from here."""

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
from demo.accounts import ACCOUNTS, PASSWORD
from gateways.mail import Outbox
from gateways.push import PushOutbox
from services.status import ServerStatus

OWNER, CUSTOMER = "owner@haat.example", "customer@haat.example"
EXAMPLES = Path(__file__).parent / "examples"
SHUT = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
HOME_POLICY = SHUT + "style-src 'self'; img-src data:"
LIVE_POLICY = HOME_POLICY + " 'self'; script-src 'self'; connect-src 'self'"
SHOWN = 20
ENDPOINTS = [
    {"path": "/live", "what": "A chat and a till, side by side and live"},
    {"path": "/graphql", "what": "The API, and GraphiQL in a browser"},
    {"path": "/health", "what": "Alive"},
    {"path": "/ready", "what": "Database, Redis and migrations"},
    {"path": "/metrics", "what": "For Prometheus"},
    {"path": "/.well-known/jwks.json", "what": "The public keys of our tokens"},
]

templates = Jinja2Templates(directory=Path(__file__).parent / "templates")


def routes(settings: Settings, overview: ServerStatus) -> list[Route | Mount]:
    async def home(request: Request) -> Response:
        given = {
            "version": "0.1.0",
            "services": [asdict(check) for check in await overview.checks()],
            "accounts": _accounts(),
            "endpoints": ENDPOINTS,
            "counts": await overview.counts(),
            "outbox": _outbox(settings),
        }
        return templates.TemplateResponse(
            request, "home.html", given, headers={"Content-Security-Policy": HOME_POLICY}
        )

    async def live(request: Request) -> Response:
        accounts = _accounts()
        wanted = request.query_params.get("as")
        person = next((one for one in accounts if one["email"] == wanted), None)
        given = {"accounts": accounts, "person": person, "demo": await _demo(overview)}
        return templates.TemplateResponse(
            request, "live.html", given, headers={"Content-Security-Policy": LIVE_POLICY}
        )

    files = Mount("/static", StaticFiles(directory=HOME / "static"), name="static")
    return [files, Route("/", home), Route("/live", live)] if settings.development else [files]


def graphiql(
    settings: Settings, overview: ServerStatus
) -> Callable[[Request], Awaitable[Response]]:
    async def page(request: Request) -> Response:
        nonce = secrets.token_urlsafe(16)
        given = {
            "nonce": nonce,
            "accounts": _accounts() if settings.development else [],
            "tabs": await _tabs(overview) if settings.development else [],
        }
        policy = (
            f"{SHUT}script-src 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; img-src data:;"
            " connect-src 'self'"
        )
        return templates.TemplateResponse(
            request, "graphiql.html", given, headers={"Content-Security-Policy": policy}
        )

    return page


def _accounts() -> list[dict[str, str]]:
    return [
        {"email": one.email, "name": one.name, "role": one.role_name, "password": PASSWORD}
        for one in ACCOUNTS
    ]


def _outbox(settings: Settings) -> list[dict[str, str]]:
    """What mail and push messages would have been sent, the latest first."""
    mails = Outbox(settings.outbox, settings.mail_from).latest()
    pushes = PushOutbox(settings.outbox).latest()
    return sorted([*mails, *pushes], key=lambda one: one["id"], reverse=True)[:SHOWN]


async def _demo(overview: ServerStatus) -> dict[str, str]:
    """By global ids the owner's vendor, an offer of it, and what it and the customer talk about.

    Empty without the demo data.
    """
    vendor_id, offer_id = await overview.owned(OWNER)
    conversation_id = await overview.talked(CUSTOMER, vendor_id)
    return {
        "vendor": to_base64("Vendor", vendor_id) if vendor_id else "",
        "offer": to_base64("Offer", offer_id) if offer_id else "",
        "conversation": to_base64("Conversation", conversation_id) if conversation_id else "",
    }


async def _tabs(overview: ServerStatus) -> list[dict[str, str]]:
    """The ready tabs, with ids of the demo data that work as they stand."""
    demo = await _demo(overview)
    variables: Mapping[str, Mapping[str, Any]] = {
        "Browse": {"first": 5, "near": {"latitude": 12.9716, "longitude": 77.5946}},
        "Claim": {"input": {"offerId": demo["offer"], "idempotencyKey": str(uuid4())}},
        "Redeem": {
            "input": {"vendorId": demo["vendor"], "code": "", "idempotencyKey": str(uuid4())}
        },
        "Watch": {"vendorId": demo["vendor"]},
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
            "variables": json.dumps(given, indent=2),
        }
        for title, given in variables.items()
    ]
