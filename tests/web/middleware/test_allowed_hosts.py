"""Requests for other hosts are refused, and no response repeats the host that a request names."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from core.settings import Settings
from tests.hostile.production import production
from tests.processes import free_port, running, wait_until_ready
from tests.web.conftest import called
from web.middleware.allowed_hosts import allowed_hosts

HERE = ["localhost", "localhost:8000", "LOCALHOST", "127.0.0.1:8000", "[::1]:8000", "192.0.2.1"]
ELSEWHERE = [
    "evil.example",
    "evil.example:8000",
    "localhost.evil.example",
    "",
    "[::1",
    "a b",
    "x:y",
]
PAGES = ["/", "/live", "/scan", "/graphql", "/ready", "/metrics", "/static/home.css"]


@pytest.fixture(scope="module")
async def named(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    async with called(
        settings.model_copy(update={"public_url": "https://Api.haat.example"})
    ) as http:
        yield http


async def status(http: httpx.AsyncClient, path: str, host: str) -> int:
    return (await http.get(path, headers={"Host": host})).status_code


@pytest.mark.parametrize("host", [*HERE, "api.haat.example"])
async def test_own_hosts_are_served(named: httpx.AsyncClient, host: str) -> None:
    assert await status(named, "/", host) == 200


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("host", ELSEWHERE)
async def test_other_hosts_are_not(named: httpx.AsyncClient, path: str, host: str) -> None:
    assert await status(named, path, host) == 421


async def test_health_is_served_for_any_host(named: httpx.AsyncClient) -> None:
    assert await status(named, "/health", "10-0-0-1.pod.cluster.local") == 200


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, {"localhost"}),
        ({"public_url": "http://shop.test:8000/"}, {"localhost", "shop.test"}),
        ({"environment": "production", "public_url": ""}, None),
        (
            {"environment": "production", "public_url": "https://api.haat.example"},
            {"localhost", "api.haat.example"},
        ),
    ],
)
def test_allowed_hosts_follow_the_settings(
    given: dict[str, Any], expected: set[str] | None
) -> None:
    settings = Settings().model_copy(update={"public_url": ""} | given)
    assert allowed_hosts(settings) == expected


@pytest.mark.parametrize("path", ["/graphql/", "/health/", "/static/", "/live/"])
async def test_no_redirect_repeats_the_host(http: httpx.AsyncClient, path: str) -> None:
    for host in ("haat", "evil.example"):
        response = await http.get(path, headers={"Host": host})
        assert "location" not in response.headers


async def test_the_endpoint_with_a_slash_answers(http: httpx.AsyncClient) -> None:
    response = await http.post("/graphql/", json={"query": "{ __typename }"})
    assert response.json()["data"] == {"__typename": "Query"}


async def test_sockets_for_other_hosts_are_refused(settings: Settings) -> None:
    """To a browser, a page whose name was rebound to this machine has the same origin."""
    port = str(free_port())
    environment = production(settings) | {"PORT": port, "PUBLIC_URL": "https://api.haat.example"}
    with running("serve", **environment):
        wait_until_ready(f"http://127.0.0.1:{port}")
        for host, expected in (("evil.example", 421), ("api.haat.example", 101)):
            assert await handshake_status(int(port), host) == expected


async def handshake_status(port: int, host: str) -> int:
    """Return the status of a handshake by a page of that host."""
    async with AsyncExitStack() as stack:
        opening = connect(
            f"ws://{host}/graphql",
            host="127.0.0.1",
            port=port,
            origin=f"http://{host}",  # type: ignore[arg-type]
        )
        try:
            await stack.enter_async_context(opening)
        except InvalidStatus as refusal:
            return refusal.response.status_code
    return 101
