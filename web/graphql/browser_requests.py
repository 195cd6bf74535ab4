"""Requests in browser mode: a cookie of this server, sent by a page of this server.

A page asks for the mode with the header `Haat-Session: cookie`, which no form and no page of
another origin can send: CORS does not allow it. Without the header, the cookie means nothing. A
WebSocket has no such header; its page sends the token of the cookie in `connection_init`.

With `cookie-1` to `cookie-9` instead, the page uses another cookie: one browser can hold the
sessions of several users, such as those of the demo.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import cookie_parser
from strawberry.http.websocket_origin import is_same_origin

from core.security.browser_cookie import is_cookie
from engine.browser_mode import BrowserMode
from models.identity.browser import BROWSER_HOURS
from web.graphql.content_negotiation import EVENTS, response_media_type
from web.graphql.graphql_request import BadRequest

MODE = "haat-session"
SLOT = re.compile(r"cookie(-[1-9])?")
CSRF = "haat-csrf"
# Of `connection_init`, in lower case.
CSRF_PARAMETER, SESSION_PARAMETER = "csrftoken", "session"
NAME = "haat"


@dataclass(frozen=True)
class BrowserSettings:
    """The name of the cookie, and the scheme of the pages that may use it."""

    is_secure: bool

    def cookie_name(self, slot: str) -> str:
        """Return the name. No other host can set a cookie of this prefix."""
        return f"__Host-{NAME}{slot}" if self.is_secure else f"{NAME}{slot}"

    def is_own_page(self, headers: Mapping[str, str]) -> bool:
        """Return whether a page of exactly this origin sends the request."""
        origin, site = headers.get("origin", ""), headers.get("sec-fetch-site", "same-origin")
        if self.is_secure and urlsplit(origin).scheme != "https":
            return False
        return site == "same-origin" and is_same_origin(origin, headers.get("host"))

    def find_cookie(self, headers: Mapping[str, str], slot: str) -> str | None:
        cookie = cookie_parser(headers.get("cookie", "")).get(self.cookie_name(slot), "")
        return cookie if is_cookie(cookie) else None

    def header(self, browser: BrowserMode) -> str:
        """Return the value of `Set-Cookie`, which sets the cookie or deletes it."""
        name, cookie = self.cookie_name(browser.slot), browser.cookie or ""
        seconds = BROWSER_HOURS * 3600 if cookie else 0
        secure = "; Secure" if self.is_secure else ""
        return f"{name}={cookie}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}"


def asks_for_browser_mode(headers: Mapping[str, str]) -> bool:
    return MODE in headers


def read_request(settings: BrowserSettings, method: str, headers: Mapping[str, str]) -> BrowserMode:
    """Return the mode of an HTTP request. Raises `BadRequest` if it must not be executed."""
    slot = _slot_of(headers[MODE])
    if slot is None:
        raise BadRequest(400, "`Haat-Session` must be `cookie`, or `cookie-1` to `cookie-9`.")
    if "authorization" in headers:
        raise BadRequest(400, "Send a cookie or `Authorization`, not both.")
    if method != "POST":
        raise BadRequest(405, "In browser mode, use POST.", {"Allow": "POST"})
    if not settings.is_own_page(headers):
        raise BadRequest(403, "In browser mode, only pages of this server may send requests.")
    can_change = response_media_type(headers.get("accept", "")) != EVENTS
    cookie = settings.find_cookie(headers, slot)
    return BrowserMode(cookie, headers.get(CSRF), can_change, slot)


@dataclass(frozen=True)
class Handshake:
    """The cookies of a socket of an own page, until its `connection_init` arrives."""

    settings: BrowserSettings
    cookies: str

    @classmethod
    def read(cls, settings: BrowserSettings, headers: Mapping[str, str]) -> "Handshake | None":
        cookies = headers.get("cookie", "")
        return cls(settings, cookies) if cookies and settings.is_own_page(headers) else None

    def mode(self, parameters: Mapping[str, Any]) -> BrowserMode | None:
        """Return the mode that the payload of `connection_init` asks for, None without a cookie."""
        slot = _slot_of(str(parameters.get(SESSION_PARAMETER, "cookie")))
        if slot is None:
            return None
        cookie = self.settings.find_cookie({"cookie": self.cookies}, slot)
        token = str(parameters[CSRF_PARAMETER])
        return BrowserMode(cookie, token, can_change=False, slot=slot) if cookie else None


def _slot_of(value: str) -> str | None:
    """Return the end of the name of the cookie, None for a wrong value."""
    found = SLOT.fullmatch(value)
    return (found[1] or "") if found else None
