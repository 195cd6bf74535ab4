"""Gateways of the providers, called over real HTTP."""

from collections.abc import AsyncIterator, Iterator

import pytest

from gateways.payments.stripe.gateway import StripeGateway
from payments_stand_in.state import SECRET_KEY
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


@pytest.fixture
async def stripe_gateway(stand_in: RunningStandIn) -> AsyncIterator[StripeGateway]:
    gateway = StripeGateway(
        SECRET_KEY, WEBHOOK_SECRETS, stand_in.url, pay_page=f"{stand_in.url}/pay"
    )
    yield gateway
    await gateway.close()
