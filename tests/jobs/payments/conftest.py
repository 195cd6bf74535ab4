"""A shop whose buyers pay by Stripe: the stand-in, a server and a worker, over real sockets."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import httpx
import pytest

from app import create_app
from core.circuit_breaker import CircuitBreaker
from core.security.signing_keys import SigningKeys
from core.settings import Settings
from gateways.payments.factory import create_payment_gateways
from jobs.context import WorkerContext
from payments_stand_in.server import notify
from payments_stand_in.state import PUBLISHABLE_KEY, SECRET_KEY, WEBHOOK_SECRET
from tests.client import Client
from tests.factories.paying import RETURN_URL, PayingShop
from tests.factories.world import World
from tests.jobs.conftest import Work
from tests.payment_providers import RunningStandIn, running_stand_in
from tests.processes import free_port
from tests.threads import served


@pytest.fixture(scope="module")
def served_stand_in() -> Iterator[RunningStandIn]:
    with running_stand_in() as running:
        yield running


@pytest.fixture
def stand_in(served_stand_in: RunningStandIn) -> RunningStandIn:
    """Return the stand-in without faults."""
    served_stand_in.control(reset=True)
    return served_stand_in


@pytest.fixture(scope="module")
def paying_settings(settings: Settings, served_stand_in: RunningStandIn) -> Settings:
    return settings.model_copy(
        update={
            "stripe_secret_key": SECRET_KEY,
            "stripe_publishable_key": PUBLISHABLE_KEY,
            "stripe_webhook_secrets": [WEBHOOK_SECRET],
            "stripe_url": served_stand_in.url,
            "paystack_secret_key": SECRET_KEY,
            "paystack_url": f"{served_stand_in.url}/paystack",
            "payment_return_urls": [RETURN_URL],
        }
    )


@pytest.fixture(scope="module")
def server_url(paying_settings: Settings, served_stand_in: RunningStandIn) -> Iterator[str]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    notify(served_stand_in.state, url)
    with served(create_app(paying_settings), port):
        yield url


@pytest.fixture(autouse=True)
def closed_circuits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask the stand-in in each test, whatever failed in the ones before."""
    monkeypatch.setattr(CircuitBreaker, "open", False)


@pytest.fixture
async def paying_http(server_url: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=server_url, trust_env=False, timeout=60) as client:
        yield client


@pytest.fixture
async def worker_context(
    worker_context: WorkerContext, paying_settings: Settings
) -> AsyncIterator[WorkerContext]:
    gateways = create_payment_gateways(paying_settings)
    yield replace(worker_context, settings=paying_settings, payments=gateways)
    for gateway in gateways.values():
        await gateway.close()


@pytest.fixture
async def shop(
    world: World,
    paying_http: httpx.AsyncClient,
    keys: SigningKeys,
    stand_in: RunningStandIn,
    work: Work,
    worker_context: WorkerContext,
) -> PayingShop:
    api = Client(paying_http, keys)
    return await PayingShop.open_for(world, api, stand_in, work, worker_context)
