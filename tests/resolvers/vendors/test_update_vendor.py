"""Changing the profile of a vendor."""

from typing import Any

import pytest

from models.vendors import MemberRole, VendorStatus
from tests.client import Client, gid
from tests.factories.vendors import OUTSIDERS, new_member, outsider
from tests.factories.world import World
from tests.resolvers.audit.test_audit_log import read_log

ADDRESS = {
    "streetLines": ["12 MG Road", "First floor"],
    "city": "Mysuru",
    "postalCode": "570 001",
    "subdivision": "karnataka",
}
SHOWN = (
    "vendor { city pinCode phone website description latitude address { streetLines city"
    " subdivision postalCode country formatted } }"
)
PUBLIC = "query ($id: ID!) { vendor(id: $id) { address { formatted streetLines } } }"


@pytest.mark.parametrize("role", [MemberRole.OWNER, MemberRole.MANAGER])
async def test_update_vendor_as_those_who_manage_it(
    world: World, api: Client, role: MemberRole
) -> None:
    vendor = await world.vendor(phone="+918026543210")
    client = api.signed_in(await new_member(world, vendor, role))
    description = [{"locale": "hi", "text": "चाय"}, {"locale": "en", "text": "Tea"}]
    given = {"address": ADDRESS, "website": "https://tea.example", "description": description}
    updated = await client.do("updateVendor", {"vendorId": gid(vendor), **given}, SHOWN)
    assert updated["errors"] == []
    assert updated["vendor"] == {
        "city": "Mysuru",
        "pinCode": "570001",
        "phone": "+918026543210",
        "website": "https://tea.example/",
        "description": "Tea",
        "latitude": vendor.latitude,
        "address": {
            "streetLines": ["12 MG Road", "First floor"],
            "city": "Mysuru",
            "subdivision": "Karnataka",
            "postalCode": "570001",
            "country": "IN",
            "formatted": ["12 MG Road", "First floor", "Mysuru 570001", "Karnataka"],
        },
    }
    seen = (await api.ask(PUBLIC, id=gid(vendor)))["vendor"]["address"]
    assert seen["streetLines"] == ADDRESS["streetLines"]


@pytest.mark.parametrize("kind", OUTSIDERS)
async def test_update_vendor_as_others(world: World, api: Client, kind: str) -> None:
    vendor = await world.vendor(await world.user())
    user = await outsider(world, vendor, kind)
    given = {"vendorId": gid(vendor), "phone": "+918026543210"}
    assert await api.signed_in(user).refusal_codes("updateVendor", given) == ["NOT_FOUND"]
    assert await api.mutation_failed("updateVendor", given) == ["UNAUTHENTICATED"]
    assert (await world.fresh(vendor)).phone is None


async def test_the_address_of_a_vendor_that_is_not_public(world: World, api: Client) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner, status=VendorStatus.PENDING, street_lines=["1 Lane"])
    assert (await api.ask(PUBLIC, id=gid(vendor)))["vendor"] is None
    seen = await api.signed_in(owner).ask(PUBLIC, id=gid(vendor))
    assert seen["vendor"]["address"]["formatted"] == ["1 Lane", "Bengaluru 560001"]


@pytest.mark.parametrize(
    ("country", "changed", "field"),
    [
        ("IN", {"postalCode": "12345"}, ["address", "postalCode"]),
        ("IN", {"subdivision": "Bavaria"}, ["address", "subdivision"]),
        ("IN", {"subdivision": None}, ["address", "subdivision"]),
        ("DE", {"postalCode": "50667"}, ["address", "subdivision"]),
        ("IN", {"streetLines": []}, ["address", "streetLines"]),
        ("IN", {"streetLines": ["a", "b", "c", "d"]}, ["address", "streetLines"]),
        ("IN", {"streetLines": ["a", " "]}, ["address", "streetLines", "1"]),
        ("IN", {"streetLines": ["x" * 121]}, ["address", "streetLines", "0"]),
        ("IN", {"streetLines": ["see evil.example.com"]}, ["address", "streetLines", "0"]),
        ("IN", {"city": "\u200b"}, ["address", "city"]),
        ("AO", {"postalCode": "-"}, ["address", "postalCode"]),  # a country without a format
        ("IN", {"postalCode": "1" * 21}, ["address", "postalCode"]),
    ],
)
async def test_update_vendor_with_a_bad_address(
    world: World, api: Client, country: str, changed: dict[str, Any], field: list[str]
) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner, country=country)
    given = {"vendorId": gid(vendor), "address": ADDRESS | changed}
    (error,) = (await api.signed_in(owner).do("updateVendor", given))["errors"]
    assert (error["code"], error["field"]) == ("INVALID_INPUT", field)
    assert (await world.fresh(vendor)).street_lines == []


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"latitude": 91.0}, ["latitude"]),
        ({"longitude": -181.0}, ["longitude"]),
        ({"description": [{"locale": "en", "text": "x" * 4001}]}, ["description", "0", "text"]),
        ({"description": [{"locale": "xx-!", "text": "x"}]}, ["description", "0", "locale"]),
        ({"description": [{"locale": "en", "text": "x"}] * 2}, ["description"]),
    ],
)
async def test_update_vendor_with_other_bad_input(
    world: World, api: Client, given: dict[str, Any], field: list[str]
) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner)
    answer = await api.signed_in(owner).do("updateVendor", {"vendorId": gid(vendor), **given})
    assert [(one["code"], one["field"]) for one in answer["errors"]] == [("INVALID_INPUT", field)]


async def test_update_vendor_is_audited(world: World, api: Client) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner)
    given = {"vendorId": gid(vendor), "latitude": 12.5}
    assert await api.signed_in(owner).refusal_codes("updateVendor", given) == []
    stranger = api.signed_in(await world.user())
    assert await stranger.refusal_codes("updateVendor", given) == ["NOT_FOUND"]
    admin = api.signed_in(await world.admin())
    entries = await read_log(admin, count=2, act="UPDATE_VENDOR")
    found = {entry["code"]: entry["subjectId"] for entry in entries}
    assert found.keys() >= {None, "NOT_FOUND"}  # refusals of other tests arrive late
    assert found[None] == gid(vendor)
