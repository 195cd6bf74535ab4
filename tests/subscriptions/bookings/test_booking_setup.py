"""Services, resources, closures and policies that the members of a vendor follow live."""

from typing import Any

from models.vendors import MemberRole
from resolvers.bookings.intake import IntakeMutation
from resolvers.bookings.policies import PolicyMutation
from resolvers.bookings.resources import ResourceMutation
from resolvers.bookings.schedules import ScheduleMutation
from resolvers.bookings.services import ServiceMutation
from tests.client import Client, gid
from tests.factories.world import World
from tests.resolvers.bookings.clinic import Clinic
from tests.resolvers.bookings.inputs import keyed
from tests.subscriptions.conftest import Shop

AGENDA = "query ($vendor: ID!) { agenda(vendorId: $vendor) { cursor } }"
FOLLOW = """subscription ($vendorId: ID!, $after: String) {
  bookingSetupChanges(vendorId: $vendorId, after: $after) { cursor removedId
    service { id state name intakeQuestions { prompt active } } resource { id state name }
    closure { id name } policy { id name } } }"""
# Mutations of these modules that change bookings, or times of the agenda.
OTHERS = {
    *("answerBookingQuestions", "setBookingNote", "attachBookingFile", "detachBookingFile"),
    *("blockTime", "unblockTime"),
}
MODULES: tuple[Any, ...] = (
    IntakeMutation,
    PolicyMutation,
    ResourceMutation,
    ScheduleMutation,
    ServiceMutation,
)


async def follow(shop: Shop, user: Any, clinic: Clinic, **values: Any) -> Any:
    variables = {"vendorId": gid(clinic.vendor), **values}
    return await shop._subscribe(tokens=[shop.token(user)], query=FOLLOW, variables=variables)


class Dashboard:
    """A member who sets up a clinic, one mutation after the other."""

    def __init__(self, client: Client, clinic: Clinic) -> None:
        self._client, self._clinic = client, clinic
        self.sent: list[str] = []

    async def send(self, name: str, fields: str = "", /, **input: Any) -> Any:
        payload = await self._client.do(name, input, fields)
        assert payload["errors"] == [], name
        self.sent.append(name)
        return payload

    async def set_up_services(self) -> None:
        service = {"serviceId": gid(self._clinic.visit)}
        name = [{"locale": "en", "text": "Check-up"}]
        vendor = {"vendorId": gid(self._clinic.vendor)}
        await self.send("saveService", **vendor, **service, **keyed(), name=name)
        for change in ("pauseService", "archiveService", "pauseService", "publishService"):
            await self.send(change, **service)
        ids = []
        for text in ("Fears?", "Age?"):
            prompt = [{"locale": "en", "text": text}]
            given = {**service, **keyed(), "kind": "TEXT", "prompt": prompt}
            ids.append(await self.send("createServiceQuestion", "question { id }", **given))
        questions = [one["question"]["id"] for one in ids]
        await self.send("orderServiceQuestions", **service, questionIds=questions[::-1])
        await self.send("updateServiceQuestion", questionId=questions[0], required=True)
        for change in ("retireServiceQuestion", "restoreServiceQuestion"):
            await self.send(change, questionId=questions[0])

    async def set_up_resources(self) -> None:
        ravi = {"resourceId": gid(self._clinic.ravi)}
        vendor, day = {"vendorId": gid(self._clinic.vendor)}, str(self._clinic.day())
        await self.send("saveResource", **vendor, **ravi, **keyed(), name="Ravindra")
        await self.send("retireResource", **ravi)
        await self.send("restoreResource", **ravi)
        await self.send("setDayOverride", **ravi, day=day, spans=[])
        await self.send("setDayOverride", **ravi, day=day, spans=None)
        new = {**vendor, **keyed(), "kind": "ROOM", "name": "Attic"}
        id = (await self.send("saveResource", "resource { id }", **new))["resource"]["id"]
        week = {"resourceId": id, "fromDay": day, "spans": [], **keyed()}
        schedule = (await self.send("saveSchedule", "schedule { id }", **week))["schedule"]["id"]
        await self.send("removeSchedule", scheduleId=schedule)

    async def set_up_terms(self) -> list[str]:
        """Return the ids of a closure and a policy, which are gone at the end."""
        vendor, day = {"vendorId": gid(self._clinic.vendor)}, str(self._clinic.day())
        closed = {**vendor, **keyed(), "fromDay": day, "untilDay": day, "name": "Fair"}
        closure = (await self.send("closeDays", "closure { id }", **closed))["closure"]["id"]
        await self.send("reopenDays", closureId=closure)
        terms = {**vendor, **keyed(), "name": "Strict"}
        shown = "cancellationPolicy { id }"
        saved = await self.send("saveCancellationPolicy", shown, **terms)
        policy: str = saved["cancellationPolicy"]["id"]
        await self.send("removeCancellationPolicy", policyId=policy)
        return [closure, policy]


async def test_a_second_dashboard_learns_of_each_change(shop: Shop, world: World) -> None:
    clinic = await Clinic.open(world)
    staff = await clinic.member(MemberRole.STAFF)
    other = shop.api.signed_in(staff)
    after = (await other.ask(AGENDA, vendor=gid(clinic.vendor)))["agenda"]["cursor"]
    owner = Dashboard(shop.api.signed_in(clinic.owner), clinic)
    await owner.set_up_services()
    await owner.set_up_resources()
    removed = await owner.set_up_terms()
    subscriber = await follow(shop, staff, clinic, after=after)
    changes = await subscriber.received(len(owner.sent))
    assert len({one["cursor"] for one in changes}) == len(owner.sent), "one for each mutation"
    assert (
        [one["removedId"] for one in changes if one["removedId"]]
        == [
            *(removed[:1] * 2),  # as it is now: both that it was added and that it was removed
            *(removed[1:] * 2),
        ]
    )
    shown = [one["service"] or one["resource"] for one in changes]
    assert all(one["id"] for one in shown if one)
    assert shown[0]["name"] == "Check-up"
    assert any(one and one["name"] == "Ravindra" for one in shown)
    resumed = await follow(shop, staff, clinic, after=changes[-2]["cursor"])
    assert await resumed.received(1) == changes[-1:]
    fields = [field for one in MODULES for field in one.__strawberry_definition__.fields]
    assert {_camel(field.python_name) for field in fields} - OTHERS == set(owner.sent)


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(map(str.title, rest))


async def test_what_is_added_is_shown_as_it_is(shop: Shop, world: World) -> None:
    clinic = await Clinic.open(world)
    subscriber = await follow(shop, await clinic.member(MemberRole.STAFF), clinic)
    await subscriber.connected()
    day, vendor = str(clinic.day()), {"vendorId": gid(clinic.vendor)}
    owner = shop.api.signed_in(clinic.owner)
    closed = {**vendor, **keyed(), "fromDay": day, "untilDay": day, "name": "Fair"}
    closure = (await owner.do("closeDays", closed, "closure { id name }"))["closure"]
    assert (await subscriber.received(1))[0]["closure"] == closure
    terms = {**vendor, **keyed(), "name": "Strict"}
    saved = await owner.do("saveCancellationPolicy", terms, "cancellationPolicy { id name }")
    assert (await subscriber.received(2))[1]["policy"] == saved["cancellationPolicy"]


async def test_others_do_not_follow_the_set_up(shop: Shop, world: World) -> None:
    clinic = await Clinic.open(world)
    stranger = (await Clinic.open(world)).owner
    for wrong in (clinic.customer, await clinic.member(MemberRole.SCANNER), stranger):
        subscriber = await follow(shop, wrong, clinic)
        await subscriber.ended()
        assert (subscriber.codes, subscriber.changes) == (["NOT_FOUND"], [])
