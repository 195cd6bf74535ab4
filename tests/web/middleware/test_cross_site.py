"""Cross-site requests: rejected without CORS, and with `fetch` as CORS allows."""

from collections.abc import AsyncIterator

import httpx
import pytest

from core.settings import Settings
from tests.web.conftest import called, codes
from web.middleware.stack import REQUEST_HEADERS

QUERY = {"query": "{ __typename }"}
SHOP, THIEF = "https://shop.example", "https://thief.example"


def browser(site: str, mode: str, dest: str = "empty") -> dict[str, str]:
    return {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": mode, "Sec-Fetch-Dest": dest}


@pytest.mark.parametrize(
    ("mode", "dest"),
    [("no-cors", "image"), ("no-cors", "script"), ("navigate", "iframe"), ("navigate", "object")],
)
async def test_a_cross_site_get_without_cors_is_rejected(
    http: httpx.AsyncClient, mode: str, dest: str
) -> None:
    headers = browser("cross-site", mode, dest)
    response = await http.get("/graphql", params=QUERY, headers=headers)
    assert response.status_code == 403
    assert codes(response) == ["FORBIDDEN"]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        browser("cross-site", "navigate", "document"),
        browser("cross-site", "cors"),
        browser("same-origin", "no-cors", "image"),
        browser("same-site", "cors"),
        browser("none", "navigate", "document"),
    ],
    ids=["no browser", "a link", "fetch", "our own page", "our own site", "typed in"],
)
async def test_other_gets_are_accepted(http: httpx.AsyncClient, headers: dict[str, str]) -> None:
    response = await http.get("/graphql", params=QUERY, headers=headers)
    assert response.json()["data"] == {"__typename": "Query"}


@pytest.mark.parametrize(
    "form", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
)
async def test_a_cross_site_form_cannot_post(http: httpx.AsyncClient, form: str) -> None:
    body = '{"query": "mutation { __typename }", "x": "="}'
    headers = {"Content-Type": form, "Origin": THIEF}
    assert (await http.post("/graphql", content=body, headers=headers)).status_code == 415


@pytest.fixture(scope="module")
async def shared(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """Return a client of an app that allows the shop's origin."""
    given = {"cors_origins": [SHOP], "cors_headers": ["X-Shop"]}
    async with called(settings.model_copy(update=given)) as client:
        yield client


def preflight(origin: str, method: str, headers: str) -> dict[str, str]:
    return {
        "Origin": origin,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": headers,
    }


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    "header",
    [*REQUEST_HEADERS, "x-shop", "content-type, traceparent, baggage, sentry-trace, x-shop"],
)
async def test_an_allowed_origin_passes_the_preflight(
    shared: httpx.AsyncClient, method: str, header: str
) -> None:
    response = await shared.options("/graphql", headers=preflight(SHOP, method, header))
    assert response.status_code == 200
    assert response.headers["access-control-allow-origin"] == SHOP
    assert method in response.headers["access-control-allow-methods"]
    assert "access-control-allow-credentials" not in response.headers


@pytest.mark.parametrize(
    ("origin", "method", "header"),
    [
        (THIEF, "POST", "content-type"),
        (SHOP, "DELETE", "content-type"),
        (SHOP, "POST", "x-anything"),
    ],
)
async def test_other_origins_fail_the_preflight(
    shared: httpx.AsyncClient, origin: str, method: str, header: str
) -> None:
    response = await shared.options("/graphql", headers=preflight(origin, method, header))
    assert response.status_code == 400


@pytest.mark.parametrize(("origin", "allowed"), [(SHOP, SHOP), (THIEF, None)])
async def test_only_an_allowed_origin_may_read(
    shared: httpx.AsyncClient, origin: str, allowed: str | None
) -> None:
    response = await shared.post("/graphql", json=QUERY, headers={"Origin": origin})
    assert response.headers.get("access-control-allow-origin") == allowed
    exposed = response.headers.get("access-control-expose-headers", "")
    assert not allowed or exposed == "Date, Retry-After, X-Request-ID"
