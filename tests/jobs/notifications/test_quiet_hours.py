"""In quiet hours a delivery waits until they are over, and everything is asked again then."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from core.clock import now
from models.notifications.deliveries import DeliveryState, SkipReason
from services.transaction import Transactions
from tests.client import Client
from tests.factories.redemptions import Till
from tests.factories.world import World
from tests.jobs.conftest import Work
from tests.jobs.notifications.deliveries import (
    choose,
    clean_up,
    delivery,
    hurry,
    look,
    mails,
    redeemed,
    refuse_mail,
    waiting_jobs,
)


@pytest.fixture
async def quiet(world: World, api: Client, outbox: Path, work: Work) -> Till:
    till = await redeemed(world, api)
    hours = await world.quiet_now(till.customer)
    await work()
    put_off = await delivery(world)
    assert (put_off.state, put_off.attempts) == (DeliveryState.WAITING, 0)
    assert put_off.due_at == hours.end_after(now())
    assert mails(outbox) == []
    return till


async def end(world: World) -> None:
    """And let the time come that they would have been over."""
    async with world.database.session() as session, session.begin():
        await session.execute(text("DELETE FROM quiet_hours"))
    await hurry(world)


async def test_mail_that_waits_is_not_given_up(
    world: World, quiet: Till, transactions: Transactions
) -> None:
    await clean_up(transactions)
    assert (await delivery(world)).state is DeliveryState.WAITING


async def test_mail_leaves_when_they_are_over(
    world: World, quiet: Till, outbox: Path, work: Work
) -> None:
    await end(world)
    await work()
    assert len(mails(outbox)) == 1


async def test_mail_leaves_when_they_are_lifted(
    world: World, api: Client, quiet: Till, outbox: Path, work: Work
) -> None:
    await choose(api, quiet, None)
    await work()
    assert len(mails(outbox)) == 1


async def test_mail_waits_for_their_new_end_when_they_are_moved(
    world: World, api: Client, quiet: Till, outbox: Path, work: Work
) -> None:
    begin, end = (now() + timedelta(hours=hours) for hours in (-2, 3))
    await choose(api, quiet, (begin, end))
    await work()
    put_off = await delivery(world)
    assert abs(put_off.due_at - end) < timedelta(minutes=1)
    assert mails(outbox) == []
    await choose(api, quiet, (begin, end))
    assert await waiting_jobs(world) == 2


async def test_mail_goes_on_waiting_when_they_are_not(
    world: World, quiet: Till, outbox: Path, work: Work
) -> None:
    await hurry(world)
    await work()
    assert mails(outbox) == []
    assert (await delivery(world)).state is DeliveryState.WAITING


async def test_mail_of_notifications_read_meanwhile_is_skipped(
    world: World, api: Client, quiet: Till, outbox: Path, work: Work
) -> None:
    await look(world, api, quiet)
    await end(world)
    await work()
    assert mails(outbox) == []
    assert (await delivery(world)).skip_reason is SkipReason.READ
    assert await waiting_jobs(world) == 0


async def test_mail_against_changed_preferences_is_skipped(
    world: World, quiet: Till, outbox: Path, work: Work
) -> None:
    await refuse_mail(world, quiet)
    await end(world)
    await work()
    assert mails(outbox) == []
    assert (await delivery(world)).skip_reason is SkipReason.UNWANTED
