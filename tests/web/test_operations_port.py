"""Metrics are served on a port of their own, and a probe costs one check a second."""

import asyncio
from collections.abc import Iterator

import httpx
import pytest
from pydantic import ValidationError

from core.settings import Settings
from services.status import Check, ServerStatus
from tests.hostile.production import production
from tests.processes import free_port, running, wait_until_ready
from tests.web.conftest import called
from web import health


@pytest.fixture(scope="module", params=["1", "2"], ids=["one process", "two processes"])
def ports(request: pytest.FixtureRequest, settings: Settings) -> Iterator[tuple[int, int]]:
    port, operations = free_port(), free_port()
    environment = production(settings) | {
        "PORT": str(port),
        "OPERATIONS_PORT": str(operations),
        "WORKERS": request.param,
    }
    with running("serve", **environment):
        wait_until_ready(f"http://127.0.0.1:{operations}")
        yield port, operations


@pytest.mark.parametrize(
    ("path", "public", "private"),
    [
        ("/health", 200, 200),
        ("/ready", 404, 200),
        ("/metrics", 404, 200),
        ("/graphql?query={__typename}", 200, 404),
        ("/.well-known/jwks.json", 200, 404),
    ],
)
def test_operators_have_a_port_of_their_own(
    ports: tuple[int, int], path: str, public: int, private: int
) -> None:
    statuses = [httpx.get(f"http://127.0.0.1:{port}{path}").status_code for port in ports]
    assert statuses == [public, private]


def test_a_request_cannot_name_the_port(ports: tuple[int, int]) -> None:
    port, operations = ports
    host = {"Host": f"127.0.0.1:{operations}"}
    assert httpx.get(f"http://127.0.0.1:{port}/metrics", headers=host).status_code == 404


async def test_without_the_port_production_serves_no_metrics(settings: Settings) -> None:
    for environment, status in (("development", 200), ("production", 404)):
        async with called(settings.model_copy(update={"environment": environment})) as http:
            assert (await http.get("/metrics")).status_code == status
            assert (await http.get("/ready")).status_code == 200


def test_the_ports_must_differ() -> None:
    with pytest.raises(ValidationError, match="OPERATIONS_PORT and PORT must differ"):
        Settings(port=9000, operations_port=9000)


async def test_probes_at_once_share_one_check(monkeypatch: pytest.MonkeyPatch) -> None:
    checked = 0

    async def checks(_: ServerStatus) -> list[Check]:
        nonlocal checked
        checked += 1
        await asyncio.sleep(0)
        return [Check("PostgreSQL", "18", ok=True)]

    monkeypatch.setattr(ServerStatus, "checks", checks)
    ready = health.ReadyChecks(ServerStatus.__new__(ServerStatus))
    await asyncio.gather(*(ready.current() for _ in range(20)))
    assert checked == 1
    monkeypatch.setattr(health, "READY_SECONDS", 0)
    ready._expire_at = 0
    await ready.current()
    assert checked == 2
