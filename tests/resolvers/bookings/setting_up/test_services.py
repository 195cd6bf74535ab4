"""Services: saved, published, listed and hidden by the members of a vendor."""

from typing import Any

import pytest

from models.bookings.setting_up.resources import ResourceKind, ResourceState
from models.bookings.setting_up.services import MAX_SERVICES, Service, ServiceState, StaffChoice
from models.vendors import MemberRole, VendorStatus
from tests.client import Client, gid
from tests.factories.vendors import OUTSIDERS, outsider
from tests.factories.world import World
from tests.resolvers.bookings.clinic import Clinic

SERVICE = """service { id state name duration step noticeMinutes horizon seats isClass
  needsPet takesSpecies price { amountMinor currency } deposit { amountMinor }
  dueOnline { amountMinor }
  payAtDesk policy { name } needs { kind count }
  providers { resource { name resourceKind } duration ownDuration price { amountMinor }
    ownPrice { amountMinor } } }"""
LIST = """query ($vendor: ID!, $where: ServiceWhere, $search: String) {
  services(vendorId: $vendor, where: $where, search: $search) { nodes { name } totalCount } }"""
STAFF = """query ($vendor: ID!, $service: ID) {
  staff(vendorId: $vendor, serviceId: $service) { nodes { name } } }"""


def minimal(vendor: Any, **changes: Any) -> dict[str, Any]:
    given = {
        "vendorId": gid(vendor),
        "name": [{"locale": "en", "text": "Check-up"}],
        "duration": 30,
        "price": {"amountMinor": 500_00, "currency": "INR"},
        "idempotencyKey": "one",
    }
    return given | changes


async def test_save_service_creates_a_draft_once_per_key(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    client = api.signed_in(clinic.owner)
    policy = await world.cancellation_policy(clinic.vendor, name="Strict")
    input = minimal(
        clinic.vendor,
        needsPet=True,
        species=["dog", "cat", "dog"],
        deposit={"amountMinor": 100_00, "currency": "INR"},
        policyId=gid(policy),
        needs=[{"kind": "STAFF"}, {"kind": "ROOM", "count": 2}],
        providers=[
            {
                "resourceId": gid(clinic.asha),
                "duration": 20,
                "price": {"amountMinor": 700_00, "currency": "INR"},
            },
            {"resourceId": gid(clinic.room)},
        ],
    )
    saved = await client.do("saveService", input, SERVICE)
    assert saved["errors"] == []
    service = saved["service"]
    assert service | {"id": ""} == {
        "id": "",
        "state": "DRAFT",
        "name": "Check-up",
        "duration": 30,
        "step": 15,
        "noticeMinutes": 60,
        "horizon": 90,
        "seats": 1,
        "isClass": False,
        "needsPet": True,
        "takesSpecies": ["dog", "cat"],
        "price": {"amountMinor": 500_00, "currency": "INR"},
        "deposit": {"amountMinor": 100_00},
        "dueOnline": {"amountMinor": 100_00},
        "payAtDesk": False,
        "policy": {"name": "Strict"},
        "needs": [{"kind": "ROOM", "count": 2}, {"kind": "STAFF", "count": 1}],
        "providers": [
            {
                "resource": {"name": "Asha", "resourceKind": "STAFF"},
                "duration": 20,
                "ownDuration": 20,
                "price": {"amountMinor": 700_00},
                "ownPrice": {"amountMinor": 700_00},
            },
            {
                "resource": {"name": "Room", "resourceKind": "ROOM"},
                "duration": 30,
                "ownDuration": None,
                "price": {"amountMinor": 500_00},
                "ownPrice": None,
            },
        ],
    }
    assert await client.do("saveService", input, SERVICE) == saved
    other = input | {"duration": 40}
    assert await client.refusal_codes("saveService", other) == ["IDEMPOTENCY_KEY_REUSED"]


async def test_save_service_keeps_what_is_left_out_and_resets_null(
    world: World, api: Client
) -> None:
    clinic = await Clinic.open(world, step=45, notice=10, buffer_after=5)
    client = api.signed_in(clinic.owner)
    ids = {"vendorId": gid(clinic.vendor), "serviceId": gid(clinic.visit)}
    given = {"duration": 40, "step": None, "idempotencyKey": "a"}
    changed = await client.do("saveService", ids | given, SERVICE)
    assert changed["errors"] == []
    fresh: Service = await world.fresh(clinic.visit)
    assert (fresh.duration, fresh.step, fresh.notice, fresh.buffer_after) == (40, 15, 10, 5)
    assert len(changed["service"]["providers"]) == 3
    payload = await client.do("saveService", ids | {"name": None, "idempotencyKey": "b"})
    assert [(one["code"], one["field"]) for one in payload["errors"]] == [
        ("INVALID_INPUT", ["name"])
    ]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": None}, ["name"]),
        ({"name": [{"locale": "en", "text": " "}]}, ["name", "0", "text"]),
        ({"duration": 4}, ["duration"]),
        ({"duration": None}, ["duration"]),
        ({"step": 241}, ["step"]),
        ({"seats": 0}, ["seats"]),
        ({"price": {"amountMinor": 1, "currency": "USD"}}, ["price", "currency"]),
        ({"deposit": {"amountMinor": 500_01, "currency": "INR"}}, ["deposit"]),
        ({"species": ["dog"]}, ["species"]),
        ({"hsnCode": "x"}, ["hsnCode"]),
        ({"needs": [{"kind": "ROOM"}, {"kind": "ROOM"}]}, ["needs"]),
        ({"needs": [{"kind": "ROOM", "count": 4}]}, ["needs", "0", "count"]),
    ],
)
async def test_save_service_refuses(
    world: World, api: Client, changes: dict[str, Any], field: list[str]
) -> None:
    owner = await world.user()
    input = minimal(await world.vendor(owner), **changes)
    payload = await api.signed_in(owner).do("saveService", input)
    assert [(one["code"], one["field"]) for one in payload["errors"]] == [("INVALID_INPUT", field)]


async def test_save_service_refuses_a_new_one_without_the_required_values(
    world: World, api: Client
) -> None:
    owner = await world.user()
    input = {"vendorId": gid(await world.vendor(owner)), "idempotencyKey": "one"}
    errors = (await api.signed_in(owner).do("saveService", input))["errors"]
    assert {one["field"][0]: one["message"] for one in errors} == dict.fromkeys(
        ["name", "duration", "price"], "Must not be missing."
    )


async def test_save_service_refuses_what_is_of_other_vendors(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    other = await world.vendor()
    resource, policy = await world.resource(other), await world.cancellation_policy(other)
    service = await world.service(other)
    client = api.signed_in(clinic.owner)
    wrong: dict[str, Any] = {
        "providers": [{"resourceId": gid(resource)}],
        "policyId": gid(policy),
        "serviceId": gid(service),
    }
    for name, value in wrong.items():
        payload = await client.do("saveService", minimal(clinic.vendor) | {name: value})
        assert [(one["code"], one["field"]) for one in payload["errors"]] == [("NOT_FOUND", [name])]


async def test_a_service_with_bookings_stays_an_appointment_or_a_class(
    world: World, api: Client
) -> None:
    clinic = await Clinic.open(world)
    await clinic.booking()
    client = api.signed_in(clinic.owner)
    for service, seats in ((clinic.visit, 5), (clinic.yoga, 1)):
        ids = {"vendorId": gid(clinic.vendor), "serviceId": gid(service)}
        if service is clinic.yoga:
            await clinic.meeting(clinic.at(15))
        input = ids | {"seats": seats, "idempotencyKey": f"{seats}"}
        payload = await client.do("saveService", input)
        assert [one["field"] for one in payload["errors"]] == [["seats"]]
    more = {"vendorId": gid(clinic.vendor), "serviceId": gid(clinic.yoga), "seats": 9}
    assert await client.refusal_codes("saveService", more | {"idempotencyKey": "more"}) == []


async def test_publish_needs_enough_active_resources(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    client = api.signed_in(clinic.owner)
    idle = await world.service(clinic.vendor, state=ServiceState.DRAFT)
    few = await world.service(
        clinic.vendor, clinic.asha, needs={ResourceKind.STAFF: 2}, state=ServiceState.DRAFT
    )
    for service in (idle, few):
        codes = await client.refusal_codes("publishService", {"serviceId": gid(service)})
        assert codes == ["SERVICE_INCOMPLETE"]
    ids = {"vendorId": gid(clinic.vendor), "serviceId": gid(few), "idempotencyKey": "one"}
    both = [{"resourceId": gid(one)} for one in (clinic.asha, clinic.ravi)]
    assert await client.refusal_codes("saveService", ids | {"providers": both}) == []
    published = await client.do("publishService", {"serviceId": gid(few)}, "service { state }")
    assert published == {"service": {"state": "ACTIVE"}, "errors": []}
    gone = ids | {"providers": [], "idempotencyKey": "two"}
    assert await client.refusal_codes("saveService", gone) == ["SERVICE_INCOMPLETE"]


async def test_states_of_a_service(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    client = api.signed_in(clinic.owner)
    input = {"serviceId": gid(clinic.visit)}
    for mutation, state in [
        ("pauseService", "PAUSED"),
        ("publishService", "ACTIVE"),
        ("archiveService", "ARCHIVED"),
        ("archiveService", "ARCHIVED"),
        ("pauseService", "PAUSED"),
    ]:
        assert await client.do(mutation, input, "service { state }") == {
            "service": {"state": state},
            "errors": [],
        }
    draft = await world.service(clinic.vendor, clinic.asha, state=ServiceState.DRAFT)
    assert await client.refusal_codes("pauseService", {"serviceId": gid(draft)}) == [
        "SERVICE_STATE"
    ]
    await client.do("archiveService", input)
    assert await client.refusal_codes("publishService", input) == ["SERVICE_STATE"]


async def test_publish_refuses_vendors_that_are_not_approved(world: World, api: Client) -> None:
    vendor = await world.vendor(status=VendorStatus.PENDING)
    clinic = await Clinic.open(world, vendor, state=ServiceState.DRAFT)
    input = {"serviceId": gid(clinic.visit)}
    codes = await api.signed_in(clinic.owner).refusal_codes("publishService", input)
    assert codes == ["VENDOR_NOT_APPROVED"]


async def test_save_service_stops_at_the_limit(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    template = clinic.visit.model_dump(exclude={"id", "created_at"})
    await world.save(*(Service(**template) for _ in range(MAX_SERVICES - 2)))
    client = api.signed_in(clinic.owner)
    limit = ["SERVICE_LIMIT_REACHED"]
    assert await client.refusal_codes("saveService", minimal(clinic.vendor)) == limit
    archived = await world.service(clinic.vendor, state=ServiceState.ARCHIVED)
    assert await client.refusal_codes("pauseService", {"serviceId": gid(archived)}) == limit


@pytest.mark.parametrize("kind", ["nobody", *OUTSIDERS])
async def test_services_are_changed_by_owners_and_managers_alone(
    world: World, api: Client, kind: str
) -> None:
    clinic = await Clinic.open(world)
    client = api
    if kind != "nobody":
        client = api.signed_in(await outsider(world, clinic.vendor, kind))
    calls = [("saveService", minimal(clinic.vendor, serviceId=gid(clinic.visit)))]
    states = ("publishService", "pauseService", "archiveService")
    calls += [(name, {"serviceId": gid(clinic.visit)}) for name in states]
    for name, input in calls:
        if kind == "nobody":
            assert await client.mutation_failed(name, input) == ["UNAUTHENTICATED"]
        else:
            assert await client.refusal_codes(name, input) == ["NOT_FOUND"]
    assert await world.fresh(clinic.visit) == clinic.visit


async def test_a_manager_saves_a_service(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    client = api.signed_in(await clinic.member(MemberRole.MANAGER))
    assert await client.refusal_codes("saveService", minimal(clinic.vendor)) == []


async def test_services_lists_active_ones_and_searches_them(world: World, api: Client) -> None:
    clinic = await Clinic.open(world, name={"en": "Vaccination", "hi": "टीका"}, position=2)
    await world.service(clinic.vendor, name={"en": "Draft"}, state=ServiceState.DRAFT)
    await world.service(clinic.vendor, name={"en": "Paused"}, state=ServiceState.PAUSED)
    await world.service(await world.vendor(), name={"en": "Vaccination"})
    vendor = gid(clinic.vendor)

    async def names(client: Client, **given: Any) -> list[str]:
        found = (await client.ask(LIST, vendor=vendor, **given))["services"]
        return [node["name"] for node in found["nodes"]]

    assert await names(api) == ["Yoga", "Vaccination"]
    assert await names(api, search="vacination") == ["Vaccination"]
    assert await names(api, search="टीका") == ["Vaccination"]
    assert await names(api, where={"isClass": True}) == ["Yoga"]
    assert await names(api, where={"resourceId": gid(clinic.ravi)}) == ["Vaccination"]
    assert await names(api, where={"resourceId": gid(clinic.room)}) == []
    every = {"states": ["DRAFT", "PAUSED"]}
    assert await names(api, where=every) == ["Paused"]
    staff = api.signed_in(await clinic.member(MemberRole.STAFF))
    assert sorted(await names(staff, where=every)) == ["Draft", "Paused"]
    assert await names(staff, where={"resourceId": gid(clinic.room)}) == ["Vaccination"]
    scanner = api.signed_in(await clinic.member(MemberRole.SCANNER))
    assert await names(scanner, where=every) == ["Paused"]


async def test_services_finds_those_for_a_species(world: World, api: Client) -> None:
    clinic = await Clinic.open(world, needs_pet=True, species=["dog"])
    for species, names in (("dog", 2), ("cat", 1)):
        found = await api.ask(LIST, vendor=gid(clinic.vendor), where={"species": species})
        assert found["services"]["totalCount"] == names


async def test_hidden_staff_is_seen_by_members_alone(world: World, api: Client) -> None:
    clinic = await Clinic.open(world, staff_choice=StaffChoice.HIDDEN)
    vendor, visit = gid(clinic.vendor), gid(clinic.visit)
    providers = "query ($id: ID!) { service(id: $id) { providers { resource { name } } } }"

    async def seen(client: Client) -> tuple[list[str], list[str], list[str]]:
        all_staff = (await client.ask(STAFF, vendor=vendor))["staff"]["nodes"]
        of_visit = (await client.ask(STAFF, vendor=vendor, service=visit))["staff"]["nodes"]
        who = (await client.ask(providers, id=visit))["service"]["providers"]
        return (
            sorted(one["name"] for one in all_staff),
            sorted(one["name"] for one in of_visit),
            sorted(one["resource"]["name"] for one in who),
        )

    # Asha holds yoga, whose staff is not hidden.
    assert await seen(api) == (["Asha"], [], [])
    assert await seen(api.signed_in(clinic.customer)) == (["Asha"], [], [])
    both = ["Asha", "Ravi"]
    for viewer in (await clinic.member(MemberRole.STAFF), await world.admin()):
        assert await seen(api.signed_in(viewer)) == (both, both, [*both, "Room"])


async def test_retired_staff_is_not_listed(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    clinic.ravi.state = ResourceState.RETIRED
    await world.save(clinic.ravi)
    found = await api.ask(STAFF, vendor=gid(clinic.vendor), service=gid(clinic.visit))
    assert [one["name"] for one in found["staff"]["nodes"]] == ["Asha"]
    owner = api.signed_in(clinic.owner)
    retired = "query ($v: ID!) { resources(vendorId: $v, states: [RETIRED]) { nodes { name } } }"
    assert await owner.ask(retired, v=gid(clinic.vendor)) == {
        "resources": {"nodes": [{"name": "Ravi"}]}
    }
