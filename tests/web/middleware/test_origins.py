"""HTTP and WebSockets allow the same origins, in the same spelling."""

import asyncio
from collections.abc import Iterator

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin, Subprotocol

from core.settings import Settings
from tests.hostile.production import ServerProcess, production, serving

CONFIGURED = "https://Shop.example/, https://till.example:443, http://box.example:8080"
ALLOWED = ["https://shop.example", "https://till.example", "http://box.example:8080"]
LOCAL = ["http://localhost:3000", "https://localhost", "http://127.0.0.1:5173", "http://[::1]:1"]
LOCAL += ["http://shop.localhost:3000"]
REFUSED = ["https://shop.example.evil.example", "http://shop.example", "https://box.example:8080"]
REFUSED += [
    "null",
    "https://evil.example",
    "http://localhost.evil.example",
    "http://127.0.0.1.x.example",
]


@pytest.fixture(scope="module")
def in_production(settings: Settings) -> Iterator[ServerProcess]:
    environment = production(settings) | {"CORS_ORIGINS": CONFIGURED}
    with serving(environment) as server:
        yield server


@pytest.fixture(scope="module")
def in_development(settings: Settings) -> Iterator[ServerProcess]:
    environment = production(settings) | {"CORS_ORIGINS": CONFIGURED, "ENVIRONMENT": "development"}
    with serving(environment) as server:
        yield server


@pytest.fixture(params=["production", "development"])
def server(request: pytest.FixtureRequest) -> tuple[ServerProcess, bool]:
    development = request.param == "development"
    return request.getfixturevalue(f"in_{request.param}"), development


async def allows(server: ServerProcess, origin: str) -> tuple[bool, bool, bool]:
    """Return whether the origin passes a preflight, can read a response, and opens a socket."""
    async with httpx.AsyncClient(base_url=server.url, timeout=30) as http:
        asked = {"Access-Control-Request-Method": "POST", "Origin": origin}
        asked["Access-Control-Request-Headers"] = "content-type, authorization, traceparent"
        preflight = await http.options("/graphql", headers=asked)
        query = {"query": "{ __typename }"}
        answer = await http.post("/graphql", json=query, headers={"Origin": origin})
    readable = answer.headers.get("access-control-allow-origin") == origin
    return preflight.status_code == 200, readable, await opens_socket(server, origin)


async def opens_socket(server: ServerProcess, origin: str) -> bool:
    address = server.url.replace("http", "ws") + "/graphql"
    protocols = [Subprotocol("graphql-transport-ws")]
    try:
        async with connect(address, origin=Origin(origin), subprotocols=protocols):
            return True
    except InvalidStatus:
        return False


async def test_both_transports_allow_the_same_origins(server: tuple[ServerProcess, bool]) -> None:
    process, development = server
    found = {origin: await allows(process, origin) for origin in ALLOWED + LOCAL + REFUSED}
    wanted = dict.fromkeys(ALLOWED, (True,) * 3) | dict.fromkeys(LOCAL, (development,) * 3)
    assert found == wanted | dict.fromkeys(REFUSED, (False,) * 3)


def test_the_log_names_the_setting(in_production: ServerProcess) -> None:
    assert not asyncio.run(opens_socket(in_production, "https://unknown.example"))
    lines = [
        line
        for line in in_production.log.read_text().splitlines()
        if "https://unknown.example" in line
    ]
    assert len(lines) == 1
    assert "socket.origin_refused" in lines[0]
    assert "CORS_ORIGINS" in lines[0]
    assert "allowed_origins" not in in_production.log.read_text()
