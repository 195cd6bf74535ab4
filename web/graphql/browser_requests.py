"""Requests in browser mode: a cookie of this server, sent by a page of this server.

A page asks for the mode with the header `Haat-Session: cookie`, which no form and no page of
another origin can send: CORS does not allow it. Without the header, the cookie means nothing. A
WebSocket has no such header; its page sends the token of the cookie in `connection_init`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.requests import cookie_parser
from strawberry.http.websocket_origin import is_same_origin

from core.security.browser_cookie import is_cookie
from engine.browser_mode import BrowserMode
from models.identity.browser import BROWSER_HOURS
from web.graphql.content_negotiation import EVENTS, response_media_type
from web.graphql.graphql_request import BadRequest

MODE, MODE_VALUE = "haat-session", "cookie"
CSRF = "haat-csrf"
CSRF_PARAMETER = "csrftoken"  # of `connection_init`, in lower case
NAME = "haat"


@dataclass(frozen=True)
class BrowserSettings:
    """The name of the cookie, and the scheme of the pages that may use it."""

    is_secure: bool

    @property
    def cookie_name(self) -> str:
        """Return the name. No other host can set a cookie of this prefix."""
        return f"__Host-{NAME}" if self.is_secure else NAME

    def is_own_page(self, headers: Mapping[str, str]) -> bool:
        """Return whether a page of exactly this origin sends the request."""
        origin, site = headers.get("origin", ""), headers.get("sec-fetch-site", "same-origin")
        if self.is_secure and urlsplit(origin).scheme != "https":
            return False
        return site == "same-origin" and is_same_origin(origin, headers.get("host"))

    def find_cookie(self, headers: Mapping[str, str]) -> str | None:
        cookie = cookie_parser(headers.get("cookie", "")).get(self.cookie_name, "")
        return cookie if is_cookie(cookie) else None

    def header(self, cookie: str | None) -> str:
        """Return the value of `Set-Cookie`. None deletes the cookie."""
        seconds = BROWSER_HOURS * 3600 if cookie else 0
        secure = "; Secure" if self.is_secure else ""
        return (
            f"{self.cookie_name}={cookie or ''}; Path=/; Max-Age={seconds}; HttpOnly"
            f"; SameSite=Strict{secure}"
        )


def asks_for_browser_mode(headers: Mapping[str, str]) -> bool:
    return MODE in headers


def read_request(settings: BrowserSettings, method: str, headers: Mapping[str, str]) -> BrowserMode:
    """Return the mode of an HTTP request. Raises `BadRequest` if it must not be executed."""
    if headers[MODE] != MODE_VALUE:
        raise BadRequest(400, "`Haat-Session` must be `cookie`.")
    if "authorization" in headers:
        raise BadRequest(400, "Send a cookie or `Authorization`, not both.")
    if method != "POST":
        raise BadRequest(405, "In browser mode, use POST.", {"Allow": "POST"})
    if not settings.is_own_page(headers):
        raise BadRequest(403, "In browser mode, only pages of this server may send requests.")
    can_change = response_media_type(headers.get("accept", "")) != EVENTS
    return BrowserMode(settings.find_cookie(headers), headers.get(CSRF), can_change)


def read_handshake(settings: BrowserSettings, headers: Mapping[str, str]) -> BrowserMode | None:
    """Return the mode of a socket that may be one, until `connection_init` decides."""
    cookie = settings.find_cookie(headers)
    if cookie is None or not settings.is_own_page(headers):
        return None
    return BrowserMode(cookie, None, can_change=False)
