"""The apps that push messages reach a user in."""

import asyncio
from typing import Any

import pytest
from sqlmodel import select

from core.clock import now
from models.identity.accounts import User, UserSession
from models.notifications.devices import MAX_DEVICES, Device
from tests.client import Client, gid, unknown
from tests.factories.emails import email_of
from tests.factories.identity import PASSWORD
from tests.factories.world import World
from tests.resolvers.identity.refreshing import pass_time, refreshed, refusal, use

DEVICES = "{ viewer { devices { id platform } } }"
DEVICE = "device { id platform }"


async def signed_in(world: World, api: Client, user: User) -> Client:
    return api.signed_in(user, session=await world.session(user))


async def register(client: Client, token: str, platform: str = "ANDROID") -> Any:
    done = await client.do("registerDevice", {"token": token, "platform": platform}, DEVICE)
    assert done["errors"] == []
    return done["device"]


async def devices(client: Client) -> list[str]:
    return [one["id"] for one in (await client.ask(DEVICES))["viewer"]["devices"]]


async def test_register_device_twice_is_one_device(world: World, api: Client) -> None:
    client = await signed_in(world, api, await world.user())
    first = await register(client, "a" * 4096)
    again = await register(client, "a" * 4096, "WEB")
    assert again == {"id": first["id"], "platform": "WEB"}
    other = await register(client, "b")
    assert await devices(client) == [other["id"], first["id"]]


async def test_register_device_that_was_anothers(world: World, api: Client) -> None:
    before = await signed_in(world, api, await world.user())
    after = await signed_in(world, api, await world.user())
    first, second = await register(before, "shared"), await register(after, "shared")
    assert first["id"] != second["id"]
    assert await devices(before) == []
    assert await devices(after) == [second["id"]]


async def test_register_device_beyond_the_limit_deletes_the_oldest(
    world: World, api: Client
) -> None:
    user = await world.user()
    client = await signed_in(world, api, user)
    ids = [(await register(client, f"t{number}"))["id"] for number in range(MAX_DEVICES + 1)]
    assert await devices(client) == ids[:0:-1]
    await register(client, "t1")
    assert len(await devices(client)) == MAX_DEVICES


async def test_register_device_many_at_once(world: World, api: Client) -> None:
    client = await signed_in(world, api, await world.user())
    await asyncio.gather(*(register(client, f"t{number}") for number in range(MAX_DEVICES + 8)))
    assert len(await devices(client)) == MAX_DEVICES


async def test_register_device_by_two_at_once_is_of_one_of_them(world: World, api: Client) -> None:
    clients = [await signed_in(world, api, await world.user()) for _ in range(2)]
    for number in range(10):
        await asyncio.gather(*(register(client, f"t{number}") for client in clients))
    both = [await devices(client) for client in clients]
    assert len(both[0]) + len(both[1]) == 10


@pytest.mark.parametrize("token", ["", "a" * 4097, "a b", "टोकन", "line\n"])
async def test_register_device_by_a_token_that_is_none(
    world: World, api: Client, token: str
) -> None:
    client = await signed_in(world, api, await world.user())
    given = {"token": token, "platform": "IOS"}
    (error,) = (await client.do("registerDevice", given))["errors"]
    assert (error["code"], error["field"]) == ("INVALID_INPUT", ["token"])


async def test_register_device_as_anonymous(world: World, api: Client) -> None:
    given = {"token": "t", "platform": "IOS"}
    assert await api.mutation_failed("registerDevice", given) == ["UNAUTHENTICATED"]


async def test_log_out_forgets_the_devices_of_its_session(world: World, api: Client) -> None:
    user = await world.user()
    here, there = [await signed_in(world, api, user) for _ in range(2)]
    await register(here, "here")
    kept = await register(there, "there")
    assert (await here.do("logOut", {}))["errors"] == []
    assert await devices(there) == [kept["id"]]


async def test_register_device_requires_an_open_session(world: World, api: Client) -> None:
    """Its row is read: no revocation is known here for these sessions."""
    user = await world.user()
    ended, unknown = UserSession(user_id=user.id, ended_at=now()), UserSession(user_id=user.id)
    await world.save(ended)
    given = {"token": "here", "platform": "IOS"}
    for session in (ended, unknown):
        client = api.signed_in(user, session=session)
        assert await client.refusal_codes("registerDevice", given) == ["SESSION_ENDED"]


async def test_a_session_ended_by_token_reuse_deletes_its_devices(
    world: World, api: Client
) -> None:
    user = await world.user()
    given = {"email": email_of(user), "password": PASSWORD}
    tokens = (await api.do("logIn", given, "session { accessToken refreshToken }"))["session"]
    client = api.bearing(tokens["accessToken"])
    await register(client, "stolen")
    await pass_time(world)
    await use(world, api, await refreshed(api, tokens))
    await pass_time(world)
    assert await refusal(api, tokens) == ["SESSION_ENDED"]
    async with world.database.session() as session:
        found = await session.exec(select(Device).where(Device.user_id == user.id))
        assert found.all() == []


async def test_remove_device(world: World, api: Client) -> None:
    user = await world.user()
    device, other = await world.device(user), await world.device(user)
    client = api.signed_in(user)
    assert (await client.do("removeDevice", {"deviceId": gid(device)}))["errors"] == []
    assert await devices(client) == [gid(other)]
    assert await client.refusal_codes("removeDevice", {"deviceId": gid(device)}) == ["NOT_FOUND"]


async def test_remove_device_of_another(world: World, api: Client) -> None:
    device = await world.device(await world.user())
    given = {"deviceId": gid(device)}
    for user in (await world.user(), await world.admin()):
        client = api.signed_in(user)
        assert await client.refusal_codes("removeDevice", given) == ["NOT_FOUND"]
        assert await client.refusal_codes("removeDevice", {"deviceId": unknown("Device")}) == [
            "NOT_FOUND"
        ]
    assert await api.mutation_failed("removeDevice", given) == ["UNAUTHENTICATED"]
    assert await world.fresh(device)
