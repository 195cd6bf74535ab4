"""Pictures of events: set as a whole, in their order, by members of the vendor."""

from core.clock import now
from models.events.events import EventState
from models.pictures import MAX_EVENT_PICTURES
from models.uploads import Upload
from tests.client import Client, gid
from tests.factories.offers import texts
from tests.factories.world import World
from tests.resolvers.events.inputs import event_input

PICTURES = "event { id cover { uploadId } pictures { uploadId alt url } }"


def given(*uploads: Upload) -> list[dict[str, object]]:
    return [{"uploadId": gid(one), "alt": texts(en=f"View {at}")} for at, one in enumerate(uploads)]


async def test_pictures_are_set_ordered_and_released(world: World, api: Client) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner)
    client = api.signed_in(owner)
    first, second = await world.picture(owner), await world.picture(owner)
    created = event_input(vendor, pictures=given(first, second))
    made = (await client.do("createEvent", created, PICTURES))["event"]
    assert made["cover"] == {"uploadId": gid(first)}
    assert [one["alt"] for one in made["pictures"]] == ["View 0", "View 1"]
    assert (await client.do("createEvent", created, PICTURES))["event"] == made
    turned = {"eventId": made["id"], "pictures": given(second, first)}
    changed = (await client.do("updateEvent", turned, PICTURES))["event"]
    assert [one["uploadId"] for one in changed["pictures"]] == [gid(second), gid(first)]
    kept = {"eventId": made["id"], "title": texts(en="Morning Raga")}
    assert (await client.do("updateEvent", kept, PICTURES))["event"]["cover"] is not None
    one = {"eventId": made["id"], "pictures": given(first)}
    assert len((await client.do("updateEvent", one, PICTURES))["event"]["pictures"]) == 1
    assert (await world.fresh(second)).attached_at is None
    none = {"eventId": made["id"], "pictures": None}
    assert (await client.do("updateEvent", none, PICTURES))["event"]["cover"] is None
    assert (await world.fresh(first)).attached_at is None


async def test_pictures_that_are_refused(world: World, api: Client) -> None:
    owner, stranger = await world.user(), await world.user()
    event = await world.event(await world.vendor(owner), state=EventState.DRAFT)
    used = await world.picture(owner, attached_at=now())
    foreign, own = await world.picture(stranger), await world.picture(owner)
    client = api.signed_in(owner)
    for pictures, code in (
        (given(used), "INVALID_INPUT"),
        (given(foreign), "NOT_FOUND"),
        (given(own, own), "INVALID_INPUT"),
        (given(own) * (MAX_EVENT_PICTURES + 1), "INVALID_INPUT"),
    ):
        input = {"eventId": gid(event), "pictures": pictures}
        codes = await client.refusal_codes("updateEvent", input)
        assert codes == [code]
    input = {"eventId": gid(event), "pictures": given(foreign)}
    assert await api.signed_in(stranger).refusal_codes("updateEvent", input) == ["NOT_FOUND"]
    assert await api.mutation_failed("updateEvent", input) == ["UNAUTHENTICATED"]


async def test_pictures_are_public_with_their_event(world: World, api: Client) -> None:
    owner = await world.user()
    client = api.signed_in(owner)
    event = await world.event(await world.vendor(owner))
    photo = await world.picture(owner)
    await client.do("updateEvent", {"eventId": gid(event), "pictures": given(photo)})
    query = "query ($id: ID!) { event(id: $id) { cover { alt url } } }"
    shown = await api.ask(query, id=gid(event))
    assert shown["event"]["cover"]["alt"] == "View 0"
