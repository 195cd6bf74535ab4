"""Tickets behave as the model, and the machine finds a fault."""

import asyncio
from collections.abc import Collection

import pytest
from hypothesis import HealthCheck, Phase, settings, stateful
from hypothesis.errors import Flaky

from services.events.holds import ending
from tests.factories.world import World
from tests.services.events.machine.ticket_machine import EXAMPLES, STEPS, TicketMachine


async def drive(world: World, *, examples: int, phases: Collection[Phase]) -> None:
    """Run the machine in a thread; its steps run in the loop of the test."""
    TicketMachine.world, TicketMachine.loop = world, asyncio.get_running_loop()
    chosen = settings(
        max_examples=examples,
        stateful_step_count=STEPS,
        derandomize=EXAMPLES is None,
        database=None,
        deadline=None,
        phases=phases,
        suppress_health_check=list(HealthCheck),
    )
    await asyncio.to_thread(stateful.run_state_machine_as_test, TicketMachine, settings=chosen)


async def test_tickets_behave_as_the_model(world: World) -> None:
    await drive(world, examples=int(EXAMPLES or 6), phases=[Phase.generate, Phase.shrink])


async def test_the_machine_finds_seats_that_are_not_freed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def lose(*_: object, **__: object) -> None:
        pass

    monkeypatch.setattr(ending, "free_seats_of_holds", lose)
    with pytest.raises((AssertionError, Flaky)):  # a second run finds the rows of the first
        await drive(world, examples=50, phases=[Phase.generate])
