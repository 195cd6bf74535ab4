"""Several workers process the same delivery concurrently."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import pytest
from procrastinate import JobContext
from sqlmodel.ext.asyncio.session import AsyncSession

from core.settings import Settings
from gateways.mail import MailMessage, MailOutbox
from jobs import notifications as tasks
from jobs.context import WorkerContext
from models.notifications.deliveries import Delivery, DeliveryState
from services.notifications import deliveries as delivery_service
from tests.client import Client
from tests.factories.world import World
from tests.jobs.notifications.deliveries import deliveries, notifications, redeemed
from tests.races.meeting import Meeting

WORKERS = 8
ROUNDS = 5


class Counting(MailOutbox):
    """Keeps each mail that leaves, also two of one name."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings.outbox, settings.mail_from)
        self.left: list[UUID] = []

    async def send(self, mail: MailMessage) -> str:
        self.left.append(mail.id)
        return await super().send(mail)


@pytest.fixture
def mail(settings: Settings) -> Counting:
    return Counting(settings)


@pytest.fixture
def context(worker_context: WorkerContext) -> JobContext:
    context: Any = SimpleNamespace(additional_context={"worker": worker_context})
    return cast("JobContext", context)


async def at_once(world: World, api: Client, context: JobContext) -> None:
    """Everything of one redemption is planned and delivered by eight workers."""
    await redeemed(world, api)
    notification = (await notifications(world))[-1]
    plan = [tasks.plan_deliveries(context, str(notification.id)) for _ in range(WORKERS)]
    await asyncio.gather(*plan)
    made = (await deliveries(world))[-1]
    await asyncio.gather(*(tasks.deliver(context, str(made.id)) for _ in range(WORKERS)))


async def test_a_delivery_is_sent_once(
    world: World, api: Client, context: JobContext, mail: Counting
) -> None:
    for number in range(1, ROUNDS + 1):
        await at_once(world, api, context)
        made = await deliveries(world)
        assert len(made) == number
        assert {one.state for one in made} == {DeliveryState.SENT}
    assert len(mail.left) == len(set(mail.left)) == ROUNDS


async def test_a_delivery_is_sent_twice_without_its_lock(
    world: World,
    api: Client,
    context: JobContext,
    mail: Counting,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def unlocked(session: AsyncSession, delivery_id: UUID) -> Delivery:
        return await session.get_one(Delivery, delivery_id)

    monkeypatch.setattr(delivery_service, "_lock", Meeting().after(unlocked))
    await at_once(world, api, context)
    assert len(mail.left) > 1
