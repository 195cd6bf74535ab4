"""Push messages reach each device of a user once, through a server that imitates Google's."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import UUID

import pytest
from sqlmodel import select

from core.clock import now
from core.settings import Settings
from gateways.push import PushSender, create_push_sender
from models.notifications.deliveries import Delivery, DeliveryState, SkipReason
from models.notifications.devices import Device
from models.notifications.inbox import Channel
from tests.client import Client, gid
from tests.factories.redemptions import Till
from tests.factories.world import World
from tests.fake_google import UNAVAILABLE, UNREGISTERED, FakeGoogle, answering, refusal
from tests.jobs.conftest import Defer, Work
from tests.jobs.notifications.deliveries import deliveries, hurry, notifications


@pytest.fixture
def google(tmp_path: Path) -> Iterator[FakeGoogle]:
    with answering(tmp_path) as google:
        yield google


@pytest.fixture
async def push(google: FakeGoogle) -> AsyncIterator[PushSender]:
    fcm = create_push_sender(Settings(fcm_credentials=google.account, fcm_url=google.url))
    assert fcm is not None
    yield fcm
    await fcm.close()


@pytest.fixture
async def till(world: World, api: Client) -> Till:
    """Give a customer a phone and a tablet, and redeem their voucher."""
    till = await Till.open(world, title={"en": "Chai"})
    await world.device(till.customer, "phone")
    await world.device(till.customer, "tablet")
    await world.device(till.scanner, "till")
    await till.redeem(api, token=(await till.voucher()).token)
    return till


async def pushes(world: World) -> list[Delivery]:
    return [one for one in await deliveries(world) if one.channel is Channel.PUSH]


async def devices(world: World, till: Till) -> list[UUID]:
    """Those of the customer."""
    mine = select(Device.id).where(Device.user_id == till.customer.id)
    async with world.database.session() as session:
        return list((await session.exec(mine)).all())


async def states(world: World) -> dict[str, DeliveryState]:
    """Return the deliveries by the response of Google."""
    return {one.error or one.provider_id or "": one.state for one in await pushes(world)}


async def test_push_reaches_every_device_once(
    world: World, till: Till, google: FakeGoogle, work: Work, defer: Defer
) -> None:
    await work()
    (notification,) = await notifications(world)
    await defer("plan_deliveries", notification_id=notification.id)
    for one in await pushes(world):
        await defer("deliver", delivery_id=one.id)
    await work()
    assert sorted(message["token"] for message in google.sent) == ["phone", "tablet"]
    for message in google.sent:
        assert message["notification"] == {
            "title": "Voucher redeemed",
            "body": f"“Chai” at “{till.vendor.name}”",
        }
        assert message["data"]["kind"] == "VOUCHER_REDEEMED"
        assert message["data"]["notificationId"] == gid(notification)
    assert {one.state for one in await pushes(world)} == {DeliveryState.SENT}


async def test_push_that_fails_at_one_device_is_tried_again_at_that_one(
    world: World, till: Till, google: FakeGoogle, work: Work
) -> None:
    google.refusals["tablet"].append(UNAVAILABLE)
    await work()
    assert [message["token"] for message in google.sent] == ["phone"]
    assert (await states(world))["FCM 503 UNAVAILABLE"] is DeliveryState.WAITING
    await hurry(world)
    await work()
    assert sorted(message["token"] for message in google.sent) == ["phone", "tablet"]
    assert {one.state for one in await pushes(world)} == {DeliveryState.SENT}


async def test_push_waits_as_long_as_google_asks(
    world: World, till: Till, google: FakeGoogle, work: Work
) -> None:
    busy = refusal(429, "QUOTA_EXCEEDED", headers={"Retry-After": "600"})
    for token in ("phone", "tablet"):
        google.refusals[token].append(busy)
    await work()
    assert google.sent == []
    for one in await pushes(world):
        assert one.state is DeliveryState.WAITING
        assert 500 < (one.due_at - now()).total_seconds() <= 600 * 1.25


async def test_push_to_a_device_that_is_gone_forgets_it(
    world: World, till: Till, google: FakeGoogle, work: Work
) -> None:
    google.refusals["tablet"].append(UNREGISTERED)
    await work()
    gone = next(one for one in await pushes(world) if one.error)
    assert (gone.state, gone.skip_reason) == (DeliveryState.SKIPPED, SkipReason.NO_ADDRESS)
    assert gone.error == "FCM 404 UNREGISTERED"
    (phone,) = await devices(world, till)
    assert phone != gone.device_id
    assert [message["token"] for message in google.sent] == ["phone"]


async def test_push_that_is_wrong_in_itself_is_given_up_and_forgets_no_device(
    world: World, till: Till, google: FakeGoogle, work: Work
) -> None:
    google.refusals["tablet"].append(refusal(400, "INVALID_ARGUMENT"))
    await work()
    assert (await states(world))["FCM 400 INVALID_ARGUMENT"] is DeliveryState.FAILED
    assert len(await devices(world, till)) == 2


async def test_push_ignores_a_token_moved_to_another_account(
    world: World, api: Client, till: Till, google: FakeGoogle, work: Work
) -> None:
    """A planned delivery waits, and meanwhile another user signs in on the device."""
    google.refusals["tablet"].append(UNAVAILABLE)
    await work()
    other = await world.user()
    client = api.signed_in(other, session=await world.session(other))
    taken = {"token": "tablet", "platform": "IOS"}
    assert (await client.do("registerDevice", taken, "device { id }"))["device"]
    await hurry(world)
    await work()
    assert [message["token"] for message in google.sent] == ["phone"]
    gone = next(one for one in await pushes(world) if one.state is DeliveryState.SKIPPED)
    assert gone.skip_reason is SkipReason.NO_ADDRESS


class TestWithoutPush:
    """In production without an account of Google's."""

    @pytest.fixture
    def push(self) -> None:
        return None

    async def test_push_is_not_planned(self, world: World, till: Till, work: Work) -> None:
        await work()
        assert [one.channel for one in await deliveries(world)] == [Channel.MAIL]

    async def test_push_that_was_planned_waits_for_an_account(
        self, world: World, till: Till, work: Work, defer: Defer
    ) -> None:
        (notification,) = await notifications(world)
        device = (await devices(world, till))[0]
        planned = Delivery(notification_id=notification.id, channel=Channel.PUSH, device_id=device)
        await world.save(planned)
        await defer("deliver", delivery_id=planned.id)
        await work()
        assert "FCM_CREDENTIALS" in (await world.fresh(planned)).error
        assert (await world.fresh(planned)).state is DeliveryState.WAITING
