"""Copies of events: drafts with the ticket types of another one."""

from datetime import timedelta

import pytest

from core.clock import now
from models.events.questions import EventQuestion
from models.events.ticket_types import TicketTypeState
from models.pictures import EventPicture
from models.questions import QuestionKind
from tests.client import Client, gid
from tests.factories.events import tier
from tests.factories.vendors import OUTSIDERS, outsider
from tests.factories.world import World
from tests.resolvers.events.inputs import keyed

CLONE = """event {
  id state title maxPerUser canonicalSlug priceFrom { amountMinor }
  cover { uploadId } pictures { uploadId alt } questions { prompt ticketTypeId }
  dates { nodes { id } } ticketTypes { id name state needsCode tiers { name } }
}"""


async def test_clone_event_as_a_draft_without_dates(world: World, api: Client) -> None:
    owner = await world.user()
    event = await world.event(await world.vendor(owner), max_per_user=3, title={"en": "Raga"})
    quota = await world.quota(await world.event_date(event))
    early = tier("Early", 80_00, until=now() + timedelta(days=1))
    first = tier("First 10", 70_00, quota_id=quota.id)
    kind = await world.ticket_type(event, quota, tiers=[early, first], name={"en": "Standing"})
    await world.ticket_type(event, quota, needs_code=True, name={"en": "Guest"}, position=1)
    await world.ticket_type(event, state=TicketTypeState.RETIRED, position=2)
    photo = await world.picture(owner, attached_at=now())
    await world.save(
        EventPicture(event_id=event.id, upload_id=photo.id, alt={"en": "The hall"}),
        EventQuestion(
            event_id=event.id,
            ticket_type_id=kind.id,
            kind=QuestionKind.TEXT,
            locale="en",
            prompt={"en": "Diet?"},
        ),
        EventQuestion(
            event_id=event.id, kind=QuestionKind.TEXT, locale="en", prompt={"en": "?"}, active=False
        ),
    )
    client, input = api.signed_in(owner), keyed(eventId=gid(event))
    cloned = await client.do("cloneEvent", input, CLONE)
    copy = cloned["event"]
    assert copy["id"] != gid(event)
    assert (copy["state"], copy["title"], copy["maxPerUser"]) == ("DRAFT", "Raga", 3)
    assert copy["canonicalSlug"] == "raga"
    assert copy["dates"]["nodes"] == []
    assert copy["priceFrom"] == {"amountMinor": 80_00}
    types = [(one["name"], one["needsCode"], one["tiers"]) for one in copy["ticketTypes"]]
    assert types == [("Standing", False, [{"name": "Early"}]), ("Guest", True, [])]
    assert copy["cover"] == {"uploadId": gid(photo)}
    assert copy["pictures"] == [{"uploadId": gid(photo), "alt": "The hall"}]
    standing = copy["ticketTypes"][0]["id"]
    assert copy["questions"] == [{"prompt": "Diet?", "ticketTypeId": standing}]
    assert await client.do("cloneEvent", input, CLONE) == cloned
    for shown, left in ((gid(event), True), (copy["id"], False)):
        await client.do("updateEvent", {"eventId": shown, "pictures": []})
        assert ((await world.fresh(photo)).attached_at is not None) is left


@pytest.mark.parametrize("who", OUTSIDERS)
async def test_others_clone_no_event(world: World, api: Client, who: str) -> None:
    vendor = await world.vendor(await world.user())
    input = keyed(eventId=gid(await world.event(vendor)))
    client = api.signed_in(await outsider(world, vendor, who))
    assert await client.refusal_codes("cloneEvent", input) == ["NOT_FOUND"]
    assert await api.mutation_failed("cloneEvent", input) == ["UNAUTHENTICATED"]
