"""Events: created, changed, published, paused and archived by a vendor's managers."""

from datetime import timedelta

import pytest

from core.clock import now
from models.events.events import EventSlug, EventState
from models.events.seats.charts import PriceCategory
from models.events.ticket_types import TicketTypeState
from models.vendors import MemberRole, VendorStatus
from tests.client import Client, gid
from tests.factories.offers import texts
from tests.factories.vendors import OUTSIDERS, new_member, outsider
from tests.factories.world import World
from tests.resolvers.events.inputs import event_input

SHOWN = """event {
  id title description state visibility maxPerUser transfer transferHours resale refundHours
  refundBps orphanRule waitlist canonicalSlug country city priceFrom { decimal } nextDateAt
  publishedAt cancelledAt titles { locale } descriptions { text } latitude longitude createdAt
  vendor { id } category { id } ticketTypes { id }
}"""
BY_SLUG = "query ($slug: String) { event(slug: $slug) { id canonicalSlug } }"


async def test_create_event_once_per_key(world: World, api: Client) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner)
    client, input = api.signed_in(owner), event_input(vendor, transfer="UNTIL", transferHours=4)
    payload = await client.do("createEvent", input, SHOWN)
    assert payload["errors"] == []
    shown = payload["event"]
    assert shown["title"] == "Evening Raga"
    assert shown["state"] == "DRAFT"
    assert shown["canonicalSlug"] == "evening-raga"
    assert (shown["transfer"], shown["transferHours"]) == ("UNTIL", 4)
    assert shown["city"] == "Bengaluru"
    assert await client.do("createEvent", input, SHOWN) == payload
    second = await client.do("createEvent", event_input(vendor), "event { canonicalSlug }")
    assert second["event"]["canonicalSlug"].startswith("evening-raga-")
    found = await api.ask(BY_SLUG, slug="evening-raga")
    assert found["event"] is None, "a draft is not public"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": texts(en="ab")}, ["title", "0", "text"]),
        ({"transfer": "UNTIL"}, ["transferHours"]),
        ({"transferHours": 3}, ["transferHours"]),
        ({"maxPerUser": 0}, ["maxPerUser"]),
        ({"maxPerUser": 101}, ["maxPerUser"]),
        ({"refundBps": 10_001}, ["refundBps"]),
        ({"refundHours": -1}, ["refundHours"]),
    ],
)
async def test_create_event_refuses(
    world: World, api: Client, changes: dict[str, object], field: list[str]
) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner)
    payload = await api.signed_in(owner).do("createEvent", event_input(vendor, **changes))
    assert [(one["code"], one["field"]) for one in payload["errors"]] == [("INVALID_INPUT", field)]


async def test_update_event_keeps_former_slugs(world: World, api: Client) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner)
    event = await world.event(vendor, slug="first-night")
    await world.event(vendor, slug="taken")
    client, id = api.signed_in(owner), gid(event)
    changed = await client.do("updateEvent", {"eventId": id, "slug": "last-night"}, SHOWN)
    assert changed["event"]["canonicalSlug"] == "last-night"
    found = await api.ask(BY_SLUG, slug="First-Night ")
    assert found["event"] == {"id": id, "canonicalSlug": "last-night"}
    taken = {"eventId": id, "slug": "taken"}
    assert await client.refusal_codes("updateEvent", taken) == ["EVENT_SLUG_TAKEN"]
    more = [EventSlug(slug=f"other-{n}", event_id=event.id, is_current=False) for n in range(8)]
    await world.save(*more)
    eleventh = {"eventId": id, "slug": "eleventh"}
    assert await client.refusal_codes("updateEvent", eleventh) == ["EVENT_SLUG_LIMIT_REACHED"]
    back = await client.do("updateEvent", {"eventId": id, "slug": "first-night"}, SHOWN)
    assert back["event"]["canonicalSlug"] == "first-night"


async def test_update_event_resets_with_null(world: World, api: Client) -> None:
    owner = await world.user()
    event = await world.event(await world.vendor(owner), max_per_user=2, refund_hours=24)
    client, id = api.signed_in(owner), gid(event)
    input = {"eventId": id, "maxPerUser": None, "refundHours": None, "title": texts(en="Matinee")}
    changed = (await client.do("updateEvent", input, SHOWN))["event"]
    assert (changed["maxPerUser"], changed["refundHours"]) == (10, None)
    assert changed["title"] == "Matinee"
    assert await client.refusal_codes("updateEvent", {"eventId": id, "title": None}) == [
        "INVALID_INPUT"
    ]


async def test_an_event_is_published_paused_and_archived(world: World, api: Client) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner)
    event = await world.event(vendor, state=EventState.DRAFT)
    client, input = api.signed_in(owner), {"eventId": gid(event)}
    assert await client.refusal_codes("publishEvent", input) == ["EVENT_INCOMPLETE"]
    await world.ticket_type(event, await world.quota(await world.event_date(event)))
    published = await client.do("publishEvent", input, "event { state publishedAt nextDateAt }")
    assert published["event"]["state"] == "PUBLISHED"
    assert published["event"]["nextDateAt"]
    assert await client.do("publishEvent", input, "event { state publishedAt nextDateAt }") == (
        published
    )
    assert await client.refusal_codes("archiveEvent", input) == ["EVENT_STATE"]
    paused = await client.do("pauseEvent", input, "event { state }")
    assert paused["event"]["state"] == "PAUSED"
    assert (await api.ask("{ events { nodes { id } } }"))["events"]["nodes"] == []
    assert await client.refusal_codes("publishEvent", input) == []
    draft = await world.event(vendor, state=EventState.DRAFT)
    archived = await client.do("archiveEvent", {"eventId": gid(draft)}, "event { state }")
    assert archived["event"]["state"] == "ARCHIVED"
    change = {"eventId": gid(draft), "maxPerUser": 3}
    assert await client.refusal_codes("updateEvent", change) == ["EVENT_STATE"]


async def test_publish_event_needs_tickets_of_a_coming_date(world: World, api: Client) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner)
    event = await world.event(vendor, state=EventState.DRAFT)
    past = await world.event_date(event, starts_at=now() - timedelta(days=2))
    await world.event_date(event)
    other = await world.event(vendor)
    await world.ticket_type(other, await world.quota(await world.event_date(other)))
    await world.ticket_type(event, await world.quota(past))
    client, input = api.signed_in(owner), {"eventId": gid(event)}
    assert await client.refusal_codes("publishEvent", input) == ["EVENT_INCOMPLETE"]
    quota = await world.quota(await world.event_date(event))
    await world.ticket_type(event, quota, state=TicketTypeState.RETIRED)
    assert await client.refusal_codes("publishEvent", input) == ["EVENT_INCOMPLETE"]
    await world.ticket_type(event, quota)
    assert await client.refusal_codes("publishEvent", input) == []


async def test_publish_event_needs_a_date_with_the_seats_of_a_type(
    world: World, api: Client
) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner)
    venue = await world.venue(vendor)
    chart = await world.chart(venue)
    event = await world.event(vendor, state=EventState.DRAFT)
    stalls = await world.first(PriceCategory)
    await world.ticket_type(event, category_ids=[stalls.id])
    await world.event_date(event, venue)
    client, input = api.signed_in(owner), {"eventId": gid(event)}
    assert await client.refusal_codes("publishEvent", input) == ["EVENT_INCOMPLETE"]
    await world.event_date(event, venue, chart_id=chart.id)
    assert await client.refusal_codes("publishEvent", input) == []


async def test_publish_event_needs_an_approved_vendor(world: World, api: Client) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner, status=VendorStatus.PENDING)
    event = await world.event(vendor, state=EventState.DRAFT)
    await world.ticket_type(event, await world.quota(await world.event_date(event)))
    codes = await api.signed_in(owner).refusal_codes("publishEvent", {"eventId": gid(event)})
    assert codes == ["VENDOR_NOT_APPROVED"]


@pytest.mark.parametrize("who", OUTSIDERS)
async def test_events_are_changed_by_managers_alone(world: World, api: Client, who: str) -> None:
    vendor = await world.vendor(await world.user())
    event = await world.event(vendor, state=EventState.DRAFT)
    client, id = api.signed_in(await outsider(world, vendor, who)), {"eventId": gid(event)}
    inputs = {
        "createEvent": event_input(vendor),
        "updateEvent": id | {"maxPerUser": 1},
        "publishEvent": id,
        "pauseEvent": id,
        "archiveEvent": id,
    }
    for name, input in inputs.items():
        assert await client.refusal_codes(name, input) == ["NOT_FOUND"]
        assert await api.mutation_failed(name, input) == ["UNAUTHENTICATED"]
    manager = await new_member(world, vendor, MemberRole.MANAGER)
    assert await api.signed_in(manager).refusal_codes("createEvent", event_input(vendor)) == []


LIST = """query ($where: EventWhere, $search: String, $near: NearInput, $orderBy: EventOrder) {
  events(where: $where, search: $search, near: $near, orderBy: $orderBy) {
    totalCount edges { distanceMeters node { id } }
  }
}"""


async def ids(client: Client, **given: object) -> list[str]:
    found = await client.ask(LIST, **given)
    return [edge["node"]["id"] for edge in found["events"]["edges"]]


async def test_events_are_found_by_place_date_category_price_and_text(
    world: World, api: Client
) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner)
    mysuru = await world.venue(vendor, city="Mysuru", pin_code="570001", latitude=12.3)
    later = await world.event(vendor, title={"en": "Raga at night"})
    date = await world.event_date(later, starts_at=now() + timedelta(days=9))
    await world.ticket_type(later, await world.quota(date), price=0)
    sooner = await world.event(
        vendor, title={"en": "Jazz brunch"}, latitude=12.3, pin_code="570001"
    )
    date = await world.event_date(sooner, mysuru, starts_at=now() + timedelta(days=2))
    await world.ticket_type(sooner, await world.quota(date))
    draft = await world.event(vendor, state=EventState.DRAFT)
    unlisted = await world.event(vendor, visibility="UNLISTED")
    await world.event_date(unlisted)
    await world.event_date(await world.event(await world.vendor(status=VendorStatus.PENDING)))
    both = [gid(sooner), gid(later)]
    assert await ids(api) == both
    assert await ids(api, where={"pinCode": "570 001"}) == both[:1]
    assert await ids(api, where={"free": True}) == both[1:]
    assert await ids(api, where={"currency": "INR", "priceBelow": 1}) == both[1:]
    assert await ids(api, where={"vendorId": gid(vendor)}) == both
    assert await ids(api, where={"categoryId": gid(await world.category())}) == []
    week = (now() + timedelta(days=5)).isoformat()
    assert await ids(api, where={"startsFrom": week}) == both[1:]
    assert await ids(api, where={"startsBefore": week}) == both[:1]
    assert await ids(api, search="raga") == both[1:]
    assert await ids(api, search="raga", orderBy="NEXT_DATE") == both[1:]
    near = {"latitude": 12.9716, "longitude": 77.5946, "withinKm": 400}
    assert await ids(api, near=near) == both[::-1]
    assert await ids(api, near=near | {"withinKm": 5}) == both[1:]
    assert await ids(api, near=near, orderBy="NEXT_DATE") == both
    assert await ids(api, where={"states": ["DRAFT"]}) == []
    assert await ids(api.signed_in(owner), where={"states": ["DRAFT"]}) == [gid(draft)]
    assert gid(unlisted) in await ids(api.signed_in(owner), where={"states": ["PUBLISHED"]})
    assert gid(unlisted) not in await ids(api, where={"states": ["PUBLISHED"]})
    shown = "query ($id: ID!) { event(id: $id) { id } }"
    assert (await api.ask(shown, id=gid(unlisted)))["event"] == {"id": gid(unlisted)}
    for bad in ({"where": {"priceBelow": 1}}, {"orderBy": "NEAREST"}, {"orderBy": "RELEVANCE"}):
        assert await api.failed(LIST, **bad) == ["BAD_USER_INPUT"]
    assert await api.failed("{ event { id } }") == ["BAD_USER_INPUT"]
