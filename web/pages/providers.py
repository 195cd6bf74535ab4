"""Redirects to providers such as Google, and back.

The client opens `/auth/google/start` in a browser, which gets a cookie and is sent to the provider.
The provider sends it to `/auth/google/callback`, which asks the provider who the user is, and sends
the browser on to the client with the code of the answer: `flow`, or the reason why there is none:
`error`. What a browser brings is never shown, and it is only sent to addresses in the settings.
"""

import re
import secrets
from functools import cache
from urllib.parse import urlencode

import structlog
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.templating import Jinja2Templates

from core.errors import TooManyRequests, Unavailable, UserMessage
from core.outages import DATABASE_ERRORS
from core.redis.timeouts import RedisAllowance
from engine.context import AppState
from gateways.sign_in.base import ProviderExchange, ProviderFailed, SignInGateway
from models.identity.providers import FLOW_MINUTES, ProviderFlow, SignInProvider
from services.i18n import language_of, translate
from services.identity.providers import provider_flows
from services.identity.providers.provider_flows import CALLBACK_PATH, START_PATH
from web.caller_address import caller_address
from web.graphql.content_negotiation import accepted_languages
from web.middleware.network_charges import PageCharge, text_error
from web.pages.link import FOLDER, HEADERS

COOKIE = "haat-flow"
BROWSER = re.compile(r"[A-Za-z0-9_-]{43}")
MAX_STATE_LENGTH = 100
MAX_CODE_LENGTH = 2_000
NO_STORE = {"Cache-Control": "no-store"}
# The reasons that clients get as `error`. The first is also the provider's (RFC 6749, 4.1.2.1).
DENIED, FAILED, RATE_LIMITED = "access_denied", "provider_failed", "rate_limited"
TEXTS = {
    "title": UserMessage("This sign-in has ended"),
    "explanation": UserMessage(
        "It took too long, was used already, or was started in another browser. Return to the app,"
        " and start again."
    ),
}

log = structlog.get_logger(__name__)
templates = Jinja2Templates(directory=FOLDER / "templates")


def routes(app: AppState) -> list[Route]:
    """Return no route if no provider is set up."""
    if not app.sign_in:
        return []
    redirects = ProviderRedirects(app)
    charged = [Middleware(PageCharge, app)]
    return [
        Route(START_PATH, redirects.start, middleware=charged),
        Route(CALLBACK_PATH, redirects.callback, middleware=charged),
    ]


class ProviderRedirects:
    """Sends browsers to providers, and takes their answers."""

    def __init__(self, app: AppState) -> None:
        self._app = app
        self._is_secure = app.settings.address.startswith("https:")
        # No other host can set a cookie of this prefix, so none can choose a browser's.
        self._cookie = f"__Host-{COOKIE}" if self._is_secure else COOKIE

    async def start(self, request: Request) -> Response:
        found, state = self._find(request), _state_of(request)
        if found is None or request.method != "GET":  # HEAD must not use the flow up
            return _unknown(found)
        provider, gateway = found
        browser = self._browser_of(request) or secrets.token_urlsafe(32)
        try:
            async with self._app.transactions.begin() as session:
                flow = await provider_flows.open_flow(session, provider, state, browser)
        except DATABASE_ERRORS:
            return _unavailable()
        if flow is None:
            return _ended(request)
        try:
            url = await gateway.authorization_url(self._exchange(provider, state, browser))
        except ProviderFailed as error:
            return _return_failed(flow, error)
        response = RedirectResponse(url, 303, NO_STORE)
        response.set_cookie(
            self._cookie,
            browser,
            max_age=60 * FLOW_MINUTES,
            secure=self._is_secure,
            httponly=True,
            samesite="lax",
        )
        return response

    async def callback(self, request: Request) -> Response:
        found, state = self._find(request), _state_of(request)
        if found is None or request.method != "GET":
            return _unknown(found)
        provider, gateway = found
        browser = self._browser_of(request)
        if browser is None:
            return _ended(request)
        try:
            async with self._app.transactions.begin() as session:
                flow = await provider_flows.answer_flow(session, provider, state, browser)
            if flow is None:
                return _ended(request)
            exchange = self._exchange(provider, state, browser)
            return await self._take_answer(request, gateway, flow, exchange)
        except DATABASE_ERRORS:
            return _unavailable()

    async def _take_answer(
        self,
        request: Request,
        gateway: SignInGateway,
        flow: ProviderFlow,
        exchange: ProviderExchange,
    ) -> Response:
        """Ask the provider who the user is, without a connection to the database."""
        if request.query_params.get("error") == DENIED:
            return _return(flow, error=DENIED)
        code = request.query_params.get("code", "")[:MAX_CODE_LENGTH]
        limits, address = self._app.provider_limits, caller_address(request.scope)
        try:
            async with limits.failure(address, RedisAllowance()):
                if not code:
                    raise ProviderFailed("returned no code")
                profile = await gateway.fetch_profile(exchange, code)
        except ProviderFailed as error:
            return _return_failed(flow, error)
        except TooManyRequests:
            return _return(flow, error=RATE_LIMITED)
        async with self._app.transactions.begin() as session:
            answer = await provider_flows.keep_profile(session, self._app.sealer, flow, profile)
        return _return(flow, flow=answer)

    def _exchange(self, provider: SignInProvider, state: str, browser: str) -> ProviderExchange:
        path = CALLBACK_PATH.format(provider=provider.lower())
        callback = f"{self._app.settings.address}{path}"
        return provider_flows.exchange_of(callback, state, browser)

    def _find(self, request: Request) -> tuple[SignInProvider, SignInGateway] | None:
        served = {provider.lower(): provider for provider in self._app.sign_in}
        provider = served.get(request.path_params["provider"])
        return None if provider is None else (provider, self._app.sign_in[provider])

    def _browser_of(self, request: Request) -> str | None:
        """Return the cookie of the browser. It stays the same for flows in several tabs."""
        browser = request.cookies.get(self._cookie, "")
        return browser if BROWSER.fullmatch(browser) else None


def _state_of(request: Request) -> str:
    return request.query_params.get("state", "")[:MAX_STATE_LENGTH]


def _return(to: ProviderFlow, /, **parameters: str) -> Response:
    """Send the browser to the client, whose address is one of those in the settings."""
    return RedirectResponse(f"{to.redirect_url}?{urlencode(parameters)}", 303, NO_STORE)


def _return_failed(flow: ProviderFlow, error: ProviderFailed) -> Response:
    log.warning("provider.failed", provider=flow.provider, error=str(error))
    return _return(flow, error=FAILED)


def _unknown(found: object) -> Response:
    if found is None:
        return text_error(404, "There is no such provider.")
    return text_error(405, "Only GET is allowed.")


def _unavailable() -> Response:
    response = text_error(503, "The server cannot sign users in. Try again in a moment.")
    response.headers["Retry-After"] = str(Unavailable.seconds)
    return response


def _ended(request: Request) -> Response:
    locales = accepted_languages(request.headers.get("accept-language", ""))
    page = _render(language_of(locales))
    return HTMLResponse(page, 400, headers=HEADERS | NO_STORE)


@cache
def _render(language: str) -> str:
    """Return the page. `language` is one of `language_of`, of which there are at most 10."""
    text = {name: translate(text, [language]) for name, text in TEXTS.items()}
    values = {"language": language, "text": text}
    return templates.get_template("sign_in_ended.html").render(values)
