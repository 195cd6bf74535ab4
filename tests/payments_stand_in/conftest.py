"""The stand-in of payment providers, served from a thread."""

from collections.abc import Iterator

import pytest

from tests.payment_providers import RunningStandIn, running_stand_in


@pytest.fixture(scope="session")
def served_stand_in() -> Iterator[RunningStandIn]:
    with running_stand_in() as running:
        yield running


@pytest.fixture
def stand_in(served_stand_in: RunningStandIn) -> RunningStandIn:
    """Return the stand-in without faults."""
    served_stand_in.control(reset=True)
    return served_stand_in
