"""Admins create vendors and add their members."""

from datetime import timedelta
from typing import Any

import pytest

from core.clock import now
from models.identity.accounts import UserState
from models.privacy import AccountDeletion, Erasure
from models.scopes import ApiScope
from models.vendors import MemberRole
from tests.client import Client, gid, unknown
from tests.factories.emails import email_of
from tests.factories.vendors import new_member
from tests.factories.world import World
from tests.resolvers.audit.test_audit_log import read_log

VENDOR = """vendor {
  id name status city pinCode address { formatted } currency locale category { id } description
}"""
ADDRESS = {
    "streetLines": ["12 MG Road"],
    "city": "Bengaluru",
    "postalCode": "560 001",
    "subdivision": "Karnataka",
}
SHOP = {
    "name": " Corner  Café ",
    "country": "IN",
    "address": ADDRESS,
    "latitude": 12.9716,
    "longitude": 77.5946,
    "timeZone": "Asia/Kolkata",
    "currency": "INR",
    "idempotencyKey": "first",
}
ROLES = "query ($id: ID!) { vendor(id: $id) { viewerRole } }"


@pytest.fixture
async def admin(world: World, api: Client) -> Client:
    return api.signed_in(await world.admin())


async def test_create_vendor_once_per_key(world: World, api: Client, admin: Client) -> None:
    owner, category = await world.user(), await world.category()
    given = SHOP | {
        "owner": {"email": email_of(owner).upper()},
        "categoryId": gid(category),
        "description": [{"locale": "en", "text": "Coffee."}],
        "phone": "+91 80 2654 3210",
    }
    made = await admin.do("createVendor", given, VENDOR)
    assert made["errors"] == []
    vendor = made["vendor"]
    assert vendor == {
        "id": vendor["id"],
        "name": "Corner Café",
        "status": "APPROVED",
        "city": "Bengaluru",
        "pinCode": "560001",
        "address": {"formatted": ["12 MG Road", "Bengaluru 560001", "Karnataka"]},
        "currency": "INR",
        "locale": "en",
        "category": {"id": gid(category)},
        "description": "Coffee.",
    }
    assert (await admin.do("createVendor", given, VENDOR))["vendor"]["id"] == vendor["id"]
    for changed in ({"name": "Another"}, {"phone": None}, {"phone": "+918026543211"}):
        again = given | changed
        assert await admin.refusal_codes("createVendor", again) == ["IDEMPOTENCY_KEY_REUSED"]
    asked = await api.signed_in(owner).ask(ROLES, id=vendor["id"])
    assert asked["vendor"] == {"viewerRole": "OWNER"}
    found = await api.ask('{ vendors(search: "corner") { nodes { id } } }')
    assert found["vendors"]["nodes"] == [{"id": vendor["id"]}]
    (entry,) = await read_log(admin, act="CREATE_VENDOR", outcome="DONE")
    assert entry["subjectId"] == vendor["id"]
    (entry,) = await read_log(admin, act="ADD_MEMBER", outcome="DONE")
    assert entry["subjectId"] == gid(owner)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, ["name"]),
        ({"name": "x" * 121}, ["name"]),
        ({"name": "evil.com"}, ["name"]),
        ({"address": ADDRESS | {"city": ""}}, ["address", "city"]),
        ({"address": ADDRESS | {"postalCode": "SW1A 1AA"}}, ["address", "postalCode"]),
        ({"address": ADDRESS | {"subdivision": "Bavaria"}}, ["address", "subdivision"]),
        ({"latitude": 90.1}, ["latitude"]),
        ({"longitude": -181}, ["longitude"]),
        ({"locale": "??"}, ["locale"]),
        ({"description": [{"locale": "en", "text": "x" * 4001}]}, ["description", "0", "text"]),
        ({"categoryId": unknown("Category")}, ["categoryId"]),
        ({"owner": {"id": unknown("User")}}, ["owner"]),
        ({"owner": {"email": "unknown@haat.example"}}, ["owner"]),
        ({"idempotencyKey": ""}, ["idempotencyKey"]),
    ],
)
async def test_create_vendor_with_wrong_input(
    world: World, admin: Client, changes: dict[str, Any], field: list[str]
) -> None:
    given = SHOP | {
        "owner": {"id": gid(await world.user())},
        "categoryId": gid(await world.category()),
    }
    payload = await admin.do("createVendor", given | changes)
    found = [(error["code"], error["field"]) for error in payload["errors"]]
    assert found == [("INVALID_INPUT", field)]
    assert await admin.refusal_codes("createVendor", given) == []


async def test_create_vendor_refuses_a_hidden_category(world: World, admin: Client) -> None:
    food = await world.category("food")
    cafes = await world.category("cafes", food)
    await admin.do("hideCategory", {"categoryId": gid(food)})
    given = SHOP | {"owner": {"id": gid(await world.user())}, "categoryId": gid(cafes)}
    (error,) = (await admin.do("createVendor", given))["errors"]
    assert error["field"] == ["categoryId"]


async def test_members_join_change_and_leave(world: World, api: Client, admin: Client) -> None:
    owner, user = await world.user(), await world.user()
    vendor = await world.vendor(owner)

    async def role() -> str | None:
        asked = await api.signed_in(user).ask(ROLES, id=gid(vendor))
        found: str | None = asked["vendor"]["viewerRole"]
        return found

    for wanted in ("STAFF", "STAFF", "MANAGER"):
        given = {"vendorId": gid(vendor), "user": {"email": email_of(user)}, "role": wanted}
        assert await admin.refusal_codes("addVendorMember", given) == []
        assert await role() == wanted
    leaving = {"vendorId": gid(vendor), "userId": gid(user)}
    assert await admin.refusal_codes("removeVendorMember", leaving) == []
    assert await role() is None
    assert await admin.refusal_codes("removeVendorMember", leaving) == ["NOT_FOUND"]
    entries = await read_log(admin, subjectId=gid(user))
    assert [entry["act"] for entry in entries] == [
        "REMOVE_MEMBER",
        "CHANGE_MEMBER_ROLE",
        "ADD_MEMBER",
    ]


async def test_accounts_that_cannot_join(world: World, admin: Client) -> None:
    vendor, category = await world.vendor(await world.user()), gid(await world.category())
    suspended = await world.user(state=UserState.SUSPENDED)
    erased, leaving = await world.user(), await world.user()
    await world.save(
        Erasure(user_id=erased.id, requested_at=now(), retained={}),
        AccountDeletion(user_id=leaving.id, created_at=now() - timedelta(days=1), due_at=now()),
    )
    for user in (suspended, erased, leaving):
        given = {"vendorId": gid(vendor), "user": {"id": gid(user)}, "role": "STAFF"}
        payload = await admin.do("addVendorMember", given)
        assert [(one["code"], one["field"]) for one in payload["errors"]] == [
            ("INVALID_INPUT", ["user"])
        ]
        new = SHOP | {"owner": {"id": gid(user)}, "categoryId": category}
        expected = "LAST_OWNER" if user is suspended else "INVALID_INPUT"
        assert await admin.refusal_codes("createVendor", new) == [expected]
    await world.member(vendor, suspended, MemberRole.MANAGER)
    lower = {"vendorId": gid(vendor), "user": {"id": gid(suspended)}, "role": "STAFF"}
    assert await admin.refusal_codes("addVendorMember", lower) == [], "members change as before"


async def test_the_last_owner_stays(world: World, admin: Client) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner)
    await new_member(world, vendor, MemberRole.MANAGER)
    leaving = {"vendorId": gid(vendor), "userId": gid(owner)}
    lower = {"vendorId": gid(vendor), "user": {"id": gid(owner)}, "role": "STAFF"}
    assert await admin.refusal_codes("removeVendorMember", leaving) == ["LAST_OWNER"]
    assert await admin.refusal_codes("addVendorMember", lower) == ["LAST_OWNER"]
    other = {"vendorId": gid(vendor), "user": {"id": gid(await world.user())}, "role": "OWNER"}
    assert await admin.refusal_codes("addVendorMember", other) == []
    assert await admin.refusal_codes("removeVendorMember", leaving) == []


async def test_members_are_changed_with_a_recent_proof(world: World, api: Client) -> None:
    """Else a stolen access token could make its thief the owner of any vendor."""
    admin, owner = await world.admin(), await world.user()
    vendor = await world.vendor(owner)
    session = await world.session(admin)
    session.signed_in_at = now() - timedelta(hours=1)
    await world.save(session)
    client = api.signed_in(admin, session=session)
    added = {"vendorId": gid(vendor), "user": {"id": gid(admin)}, "role": "OWNER"}
    assert await client.refusal_codes("addVendorMember", added) == ["STEP_UP_REQUIRED"]
    removed = {"vendorId": gid(vendor), "userId": gid(owner)}
    assert await client.refusal_codes("removeVendorMember", removed) == ["STEP_UP_REQUIRED"]


@pytest.mark.parametrize("mutation", ["createVendor", "addVendorMember", "removeVendorMember"])
async def test_only_admins(world: World, api: Client, mutation: str) -> None:
    owner, admin = await world.user(), await world.admin()
    vendor, user = await world.vendor(owner), gid(await world.user())
    inputs: dict[str, dict[str, Any]] = {
        "createVendor": SHOP | {"owner": {"id": user}, "categoryId": gid(await world.category())},
        "addVendorMember": {"vendorId": gid(vendor), "user": {"id": user}, "role": "STAFF"},
        "removeVendorMember": {"vendorId": gid(vendor), "userId": gid(owner)},
    }
    given = inputs[mutation]
    assert await api.mutation_failed(mutation, given) == ["UNAUTHENTICATED"]
    _, writing = await world.api_token(admin)
    for client in (
        api.signed_in(await world.user()),
        api.signed_in(owner),
        api.bearing(writing),
    ):
        assert await client.mutation_failed(mutation, given) == ["FORBIDDEN"]
    _, reading = await world.api_token(admin, ApiScope.READ)
    assert await api.bearing(reading).mutation_failed(mutation, given) == ["FORBIDDEN"]
    if mutation != "createVendor":
        missing = given | {"vendorId": unknown("Vendor")}
        assert await api.signed_in(admin).refusal_codes(mutation, missing) == ["NOT_FOUND"]
