"""The attendance on a check-in list, which the members of a vendor follow live."""

from datetime import timedelta
from typing import Any

from core.clock import now
from models.identity.accounts import User
from services.events.pulse import pulse
from services.journal.topics import check_in_topic
from tests.client import gid
from tests.factories.world import World
from tests.resolvers.events.door import SCANS, Door
from tests.subscriptions.conftest import Shop

CHANGES = """subscription ($listId: ID!, $after: String) {
    checkInChanges(listId: $listId, after: $after) {
        cursor conflict { anomaly shown }
        checkInList { attendance { admitted inside conflicts } gates { admitted } }
    }
}"""


async def follow(shop: Shop, door: Door, user: User, after: str | None = None) -> Any:
    variables = {"listId": gid(door.door), "after": after}
    return await shop._subscribe(tokens=[shop.token(user)], query=CHANGES, variables=variables)


async def test_members_follow_the_attendance_and_its_conflicts(shop: Shop, world: World) -> None:
    door = await Door.open(world)
    gate, (_, key), (_, late) = await door.gate(), await door.scanner(), await door.scanner()
    ticket, client = await door.ticket(), shop.api.signed_in(door.member)
    after = await shop.cursor(check_in_topic(door.door.id))
    subscriber = await follow(shop, door, door.member, after)
    await subscriber.connected()
    await door.check_in(client, key, ticket, gateId=gid(gate))
    await world.transactions_end()
    async with shop.entries() as session:
        assert await pulse(session, door.date.id)
    (first,) = await subscriber.received(1)
    assert first["conflict"] is None
    assert first["checkInList"] == {
        "attendance": {"admitted": 1, "inside": 1, "conflicts": 0},
        "gates": [{"admitted": 1}],
    }
    scans = [door.offline(ticket, now() - timedelta(minutes=5))]
    assert (await client.do("syncScans", door.sync_input(late, scans), SCANS))["errors"] == []
    conflict = (await subscriber.received(2))[-1]
    assert conflict["conflict"] == {"anomaly": "DUPLICATE", "shown": "GREEN"}
    assert conflict["checkInList"]["attendance"]["conflicts"] == 1
    await subscriber.stop()


async def test_others_do_not_follow_the_attendance(shop: Shop, world: World) -> None:
    door, elsewhere = await Door.open(world), await Door.open(world)
    for user in (await world.user(), elsewhere.manager):
        subscriber = await follow(shop, door, user)
        await subscriber.ended()
        assert (subscriber.codes, subscriber.changes) == (["NOT_FOUND"], [])
