"""Vouchers behave as the model, and the machine finds a fault.

`VOUCHER_MACHINE_EXAMPLES` sets the number of runs, which are other ones each time then.
"""

import asyncio
from collections.abc import Collection

import pytest
from hypothesis import HealthCheck, Phase, settings, stateful
from hypothesis.errors import Flaky

from services.redemptions import reversals
from tests.client import Client
from tests.factories.world import World
from tests.services.redemptions.machine.voucher_machine import EXAMPLES, STEPS, VoucherMachine


async def drive(world: World, api: Client, *, examples: int, phases: Collection[Phase]) -> None:
    """Run the machine in a thread; its steps run in the loop of the test."""
    VoucherMachine.world, VoucherMachine.api = world, api
    VoucherMachine.loop = asyncio.get_running_loop()
    chosen = settings(
        max_examples=examples,
        stateful_step_count=STEPS,
        derandomize=EXAMPLES is None,
        database=None,
        deadline=None,
        phases=phases,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    await asyncio.to_thread(stateful.run_state_machine_as_test, VoucherMachine, settings=chosen)


async def test_vouchers_behave_as_the_model(world: World, api: Client) -> None:
    await drive(world, api, examples=int(EXAMPLES or 6), phases=[Phase.generate, Phase.shrink])


async def test_the_machine_finds_uses_that_are_not_given_back(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def lose(*_: object, **__: object) -> None:
        pass

    monkeypatch.setattr(reversals, "give_back", lose)
    with pytest.raises((AssertionError, Flaky)):  # a second run finds the rows of the first
        await drive(world, api, examples=50, phases=[Phase.generate])
