"""Registrations of vendors for taxes: set by managers, seen by them and admins."""

import asyncio
from typing import Any

import pytest

from models.applications import ApplicationState
from models.pricing.tax_rules import SellerKind
from models.taxes.registrations import MAX_REGISTRATIONS
from models.vendors import MemberRole, Vendor
from tests.client import Client, gid, unknown
from tests.factories import applications
from tests.factories.taxes import GSTIN
from tests.factories.vendors import OUTSIDERS, new_member, outsider
from tests.factories.world import World
from tests.resolvers.audit.test_audit_log import read_log
from tests.resolvers.counting import statements

REGISTRATIONS = """taxRegistrations {
  id country region sellerKind taxNumber pricesIncludeTax createdAt }"""
OF_VENDOR = f"query ($id: ID!) {{ vendor(id: $id) {{ {REGISTRATIONS} }} }}"
SHOWN = f"vendor {{ {REGISTRATIONS} }}"
DELHI_GSTIN, LADAKH_GSTIN = "07AAPFU0939F1ZX", "38AAPFU0939F1ZS"


def given(vendor: Vendor, **values: Any) -> dict[str, Any]:
    return {"vendorId": gid(vendor), "country": "IN", "kind": "REGULAR", "number": GSTIN} | values


async def set_registration(client: Client, vendor: Vendor, **values: Any) -> list[dict[str, Any]]:
    payload = await client.do("setTaxRegistration", given(vendor, **values), SHOWN)
    assert payload["errors"] == []
    found: list[dict[str, Any]] = payload["vendor"]["taxRegistrations"]
    return found


def places(found: list[dict[str, Any]]) -> list[tuple[str, str | None, str | None]]:
    return [(one["country"], one["region"], one["taxNumber"]) for one in found]


async def test_set_and_remove_a_tax_registration(world: World, api: Client) -> None:
    owner = await world.user()
    vendor, client = await world.vendor(owner), api.signed_in(owner)
    (first,) = await set_registration(client, vendor, number=" 29aagcb7383j1z4 ")
    assert first | {"id": "", "createdAt": ""} == {
        "id": "",
        "country": "IN",
        "region": "Karnataka",
        "sellerKind": "REGULAR",
        "taxNumber": GSTIN,
        "pricesIncludeTax": True,
        "createdAt": "",
    }
    manager = await new_member(world, vendor, MemberRole.MANAGER)
    changed = await set_registration(
        api.signed_in(manager),
        vendor,
        region="karnataka",
        number=None,
        kind="COMPOSITION",
        pricesIncludeTax=False,
    )
    assert changed == [first | {"sellerKind": "COMPOSITION", "pricesIncludeTax": False}]
    found = await set_registration(client, vendor, country="DE", number="DE 136 695 976")
    found = await set_registration(client, vendor, number=DELHI_GSTIN, region="delhi")
    assert places(found) == [
        ("DE", None, "136695976"),
        ("IN", "Delhi", DELHI_GSTIN),
        ("IN", "Karnataka", GSTIN),
    ]
    admin = api.signed_in(await world.admin())
    seen = (await admin.ask(OF_VENDOR, id=gid(vendor)))["vendor"]["taxRegistrations"]
    assert seen == found
    gone = {"taxRegistrationId": first["id"]}
    payload = await client.do("removeTaxRegistration", gone, SHOWN)
    assert places(payload["vendor"]["taxRegistrations"]) == places(found)[:2]
    assert await client.refusal_codes("removeTaxRegistration", gone) == ["NOT_FOUND"]
    entries = await read_log(admin, act="SET_TAX_REGISTRATION", outcome="DONE", count=4)
    entries += await read_log(admin, act="REMOVE_TAX_REGISTRATION", outcome="DONE")
    assert {entry["subjectId"] for entry in entries} == {gid(vendor)}


async def test_the_number_of_the_application_is_taken(world: World, api: Client) -> None:
    owner = await world.user()
    vendor, client = await world.vendor(owner), api.signed_in(owner)
    payload = await client.do("setTaxRegistration", given(vendor, number=None))
    assert [one["field"] for one in payload["errors"]] == [["number"]]
    await world.application(owner, vendor, state=ApplicationState.APPROVED)
    (found,) = await set_registration(client, vendor, number=None)
    assert (found["region"], found["taxNumber"]) == ("Maharashtra", applications.GSTIN)


async def test_a_vendor_that_is_not_registered_has_no_number(world: World, api: Client) -> None:
    owner = await world.user()
    vendor, client = await world.vendor(owner), api.signed_in(owner)
    await set_registration(client, vendor)
    (found,) = await set_registration(client, vendor, kind="NONE", region="Karnataka", number=None)
    assert (found["sellerKind"], found["taxNumber"]) == ("NONE", None)


@pytest.mark.parametrize(
    ("values", "code", "field"),
    [
        ({"number": GSTIN[:-1] + "5"}, "TAX_ID_INVALID", "number"),
        ({"number": "AAPFU0939F"}, "TAX_ID_INVALID", "number"),  # a PAN is no registration
        ({"region": "Goa"}, "TAX_ID_INVALID", "number"),
        ({"number": "9" * 41}, "INVALID_INPUT", "number"),
        ({"country": "DE"}, "TAX_ID_INVALID", "number"),
        ({"country": "GB", "number": "1123658962"}, "TAX_ID_INVALID", "number"),  # a UTR
        ({"country": "DE", "number": "DE136695976", "region": "Bayern"}, "INVALID_INPUT", "region"),
        (
            {"country": "DE", "number": "DE136695976", "kind": "COMPOSITION"},
            "INVALID_INPUT",
            "kind",
        ),
        ({"kind": "NONE", "region": "Goa"}, "INVALID_INPUT", "number"),
        ({"kind": "NONE", "number": None}, "INVALID_INPUT", "region"),
        ({"country": "US", "number": "123-456"}, "INVALID_INPUT", "region"),
        ({"country": "US", "number": "12", "region": "NY"}, "TAX_ID_INVALID", "number"),
        ({"region": "Atlantis"}, "INVALID_INPUT", "region"),
    ],
)
async def test_set_tax_registration_refuses(
    world: World, api: Client, values: dict[str, Any], code: str, field: str
) -> None:
    owner = await world.user()
    vendor, client = await world.vendor(owner), api.signed_in(owner)
    payload = await client.do("setTaxRegistration", given(vendor, **values))
    assert [(one["code"], one["field"]) for one in payload["errors"]] == [(code, [field])]


@pytest.mark.parametrize(
    "values",
    [
        {"country": "US", "region": "New York", "number": "11-2345678"},
        {"country": "NG", "number": "12345678-0001"},
        {"country": "GB", "number": "GB 980 7806 84"},
        {"number": LADAKH_GSTIN},
    ],
)
async def test_numbers_of_other_places(world: World, api: Client, values: dict[str, Any]) -> None:
    owner = await world.user()
    (found,) = await set_registration(api.signed_in(owner), await world.vendor(owner), **values)
    assert found["pricesIncludeTax"] is (found["country"] != "US")


async def test_requests_at_once_cannot_exceed_the_limit(world: World, api: Client) -> None:
    owner = await world.user()
    vendor, client = await world.vendor(owner), api.signed_in(owner)
    for number in range(MAX_REGISTRATIONS - 1):
        await world.tax_registration(
            vendor, number=None, country="ZA", region=f"{number}", kind=SellerKind.NONE
        )
    wanted = [{"country": "DE", "number": "DE136695976"}, {}, {"number": DELHI_GSTIN}]
    answers = await asyncio.gather(
        *(client.do("setTaxRegistration", given(vendor, **one)) for one in wanted)
    )
    assert sorted(len(answer["errors"]) for answer in answers) == [0, 1, 1]


@pytest.mark.parametrize("who", OUTSIDERS)
async def test_set_tax_registration_as_someone_else(world: World, api: Client, who: str) -> None:
    vendor = await world.vendor()
    row = await world.tax_registration(vendor)
    client = api.signed_in(await outsider(world, vendor, who))
    assert await client.refusal_codes("setTaxRegistration", given(vendor)) == ["NOT_FOUND"]
    gone = {"taxRegistrationId": gid(row)}
    assert await client.refusal_codes("removeTaxRegistration", gone) == ["NOT_FOUND"]
    if who != "an admin":
        assert await client.failed(OF_VENDOR, id=gid(vendor)) == ["FORBIDDEN"]


async def test_tax_registrations_as_an_anonymous_caller(world: World, api: Client) -> None:
    vendor = await world.vendor()
    assert await api.failed(OF_VENDOR, id=gid(vendor)) == ["UNAUTHENTICATED"]
    input = given(vendor)
    assert await api.mutation_failed("setTaxRegistration", input) == ["UNAUTHENTICATED"]
    gone = {"taxRegistrationId": unknown("TaxRegistration")}
    assert await api.mutation_failed("removeTaxRegistration", gone) == ["UNAUTHENTICATED"]


async def test_the_statements_of_a_list_of_vendors_do_not_depend_on_it(
    world: World, api: Client
) -> None:
    owner = await world.user()
    query = f"""{{ viewer {{ vendors {{ {REGISTRATIONS} }} }} }}"""
    counts = []
    for number in range(20):
        vendor = await world.vendor(owner)
        await world.tax_registration(vendor)
        if number in {0, 19}:
            counts.append(len(await statements(api.signed_in(owner), query)))
    assert counts[0] == counts[1]
