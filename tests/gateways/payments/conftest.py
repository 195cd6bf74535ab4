"""Gateways of the providers, called over real HTTP."""

import os
from collections.abc import AsyncIterator, Iterator

import pytest

from gateways.payments.paystack.gateway import PaystackGateway
from gateways.payments.stripe.gateway import StripeGateway
from payments_stand_in.state import SECRET_KEY
from tests.gateways.payments.providers import PROVIDERS, Provider
from tests.payment_providers import RunningStandIn, running_stand_in

WEBHOOK_SECRETS = ("whsec_new", "whsec_old")


@pytest.fixture(scope="session")
def served_stand_in() -> Iterator[RunningStandIn]:
    with running_stand_in() as running:
        yield running


@pytest.fixture
def stand_in(served_stand_in: RunningStandIn) -> RunningStandIn:
    """Return the stand-in without faults."""
    served_stand_in.control(reset=True)
    return served_stand_in


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run the tests of the contract with the stand-in, or with LIVE_PAYMENTS, really."""
    if "provider" in metafunc.fixturenames:
        names = [f"live {one}" if os.environ.get("LIVE_PAYMENTS") else one for one in PROVIDERS]
        metafunc.parametrize("provider", names, indirect=True)


@pytest.fixture
async def provider(request: pytest.FixtureRequest) -> AsyncIterator[Provider]:
    """Return a gateway with a buyer. The stand-in is not even started for real providers."""
    made = PROVIDERS[request.param.removeprefix("live ")]
    if request.param.startswith("live "):
        found = made.live()
        if found is None:
            pytest.skip("The test keys of this provider are not set.")
    else:
        found = made.of_stand_in(request.getfixturevalue("stand_in"))
    yield found
    await found.gateway.close()


@pytest.fixture
async def paystack_gateway(stand_in: RunningStandIn) -> AsyncIterator[PaystackGateway]:
    gateway = PaystackGateway(SECRET_KEY, f"{stand_in.url}/paystack")
    yield gateway
    await gateway.close()


@pytest.fixture
async def stripe_gateway(stand_in: RunningStandIn) -> AsyncIterator[StripeGateway]:
    gateway = StripeGateway(
        SECRET_KEY, WEBHOOK_SECRETS, stand_in.url, pay_page=f"{stand_in.url}/pay"
    )
    yield gateway
    await gateway.close()
