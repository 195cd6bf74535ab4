"""Applying to become a vendor."""

from typing import Any

import pytest

from core.clock import now
from models.applications import MAX_OPEN_APPLICATIONS, VendorApplication
from models.quotas import QUOTAS, DailyAct, DailyUse
from models.uploads import UploadState
from tests.client import Client, gid, unknown
from tests.factories.applications import GSTIN
from tests.factories.world import World
from tests.resolvers.applications.applying import SHOWN, Applicant, stored
from tests.resolvers.audit.test_audit_log import read_log

OWN = "{ vendorApplications { totalCount nodes { id } } }"
NODE = """query ($id: ID!) { node(id: $id) {
  ... on VendorApplication { id } ... on Vendor { application { id } }
} }"""


async def test_apply_as_vendor_once_per_key(world: World, api: Client) -> None:
    applicant = await Applicant.enter(world, api)
    given = await applicant.given()
    done = await applicant.client.do("applyAsVendor", given, SHOWN)
    assert done["errors"] == []
    application = done["application"]
    (document,) = application.pop("documents")
    assert document["id"] == given["documentUploadIds"][0]
    assert document["url"] is not None
    assert application == {
        "id": application["id"],
        "state": "SUBMITTED",
        "revision": 1,
        "reason": None,
        "taxKind": "GSTIN",
        "taxId": GSTIN,
        "submittedAt": application["submittedAt"],
        "decidedAt": None,
        "vendor": {
            "id": application["vendor"]["id"],
            "name": "Corner Café",
            "status": "PENDING",
            "viewerRole": "OWNER",
            "address": {"formatted": ["12 MG Road", "Bengaluru 560001", "Karnataka"]},
            "category": {"id": applicant.category},
        },
        "applicant": {"id": gid(applicant.user)},
        "decider": None,
    }
    again = await applicant.client.do("applyAsVendor", given, SHOWN)
    assert again["application"]["id"] == application["id"]
    other = given | {"taxId": "AAPFU0939F"}
    assert await applicant.client.refusal_codes("applyAsVendor", other) == [
        "IDEMPOTENCY_KEY_REUSED"
    ]
    assert (await applicant.client.ask(OWN))["vendorApplications"]["totalCount"] == 1
    (entry,) = await read_log(applicant.admin, act="APPLY_AS_VENDOR", outcome="DONE")
    assert entry["subjectId"] == application["id"]


async def test_the_tax_number_is_stored_sealed(world: World, api: Client) -> None:
    applicant = await Applicant.enter(world, api)
    application = await applicant.apply()
    row = await stored(world, VendorApplication, application["id"])
    assert GSTIN.encode() not in row.tax_id + row.tax_lookup


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"name": " "}, "INVALID_INPUT", ["name"]),
        ({"taxId": "27AAPFU0939F1ZW"}, "TAX_ID_INVALID", ["taxId"]),
        ({"taxId": "9" * 41}, "INVALID_INPUT", ["taxId"]),
        ({"country": "DE", "address": {"postalCode": "10115"}}, "TAX_ID_INVALID", ["taxId"]),
        ({"categoryId": unknown("Category")}, "INVALID_INPUT", ["categoryId"]),
        ({"documentUploadIds": []}, "INVALID_INPUT", ["documentUploadIds"]),
        (
            {"documentUploadIds": [unknown("Upload")] * 11},
            "INVALID_INPUT",
            ["documentUploadIds"],
        ),
        (
            {"documentUploadIds": [unknown("Upload")]},
            "NOT_FOUND",
            ["documentUploadIds", "0"],
        ),
    ],
)
async def test_apply_as_vendor_refuses_a_value(
    world: World, api: Client, changes: dict[str, Any], code: str, field: list[str]
) -> None:
    applicant = await Applicant.enter(world, api)
    given = await applicant.given(**changes)
    given["address"] = {"streetLines": ["1"], "city": "X", "postalCode": "560001"} | given[
        "address"
    ]
    done = await applicant.client.do("applyAsVendor", given)
    assert [(error["code"], error["field"]) for error in done["errors"]] == [(code, field)]
    assert (await applicant.client.ask(OWN))["vendorApplications"]["totalCount"] == 0


async def test_apply_as_vendor_takes_only_own_unused_documents(world: World, api: Client) -> None:
    applicant = await Applicant.enter(world, api)
    await applicant.apply(documentUploadIds=[gid(used := await world.document(applicant.user))])
    own, kinds = (
        await world.document(applicant.user),
        {
            "NOT_FOUND": await world.document(await world.user()),
            "INVALID_INPUT": await world.picture(applicant.user),
        },
    )
    kinds["NOT READY"] = await world.document(applicant.user, state=UploadState.PENDING, key=None)
    kinds["USED"] = used
    for code, upload in kinds.items():
        given = await applicant.given(documentUploadIds=[gid(own), gid(upload)])
        (error,) = (await applicant.client.do("applyAsVendor", given))["errors"]
        assert error["field"] == ["documentUploadIds", "1"]
        assert error["code"] == ("NOT_FOUND" if code == "NOT_FOUND" else "INVALID_INPUT")
    twice = await applicant.given(documentUploadIds=[gid(own), gid(own)])
    assert await applicant.client.refusal_codes("applyAsVendor", twice) == ["INVALID_INPUT"]
    assert (await world.fresh(own)).attached_at is None


async def test_a_user_has_a_limited_number_of_open_applications(world: World, api: Client) -> None:
    applicant = await Applicant.enter(world, api)
    *_, last = [await applicant.apply() for _ in range(MAX_OPEN_APPLICATIONS)]
    given = await applicant.given()
    refused = await applicant.client.refusal_codes("applyAsVendor", given)
    assert refused == ["APPLICATION_LIMIT_REACHED"]
    withdrawn = {"applicationId": last["id"]}
    assert await applicant.client.refusal_codes("withdrawApplication", withdrawn) == []
    assert await applicant.client.refusal_codes("applyAsVendor", given) == []


async def test_applications_are_limited_per_day(world: World, api: Client) -> None:
    applicant = await Applicant.enter(world, api)
    act = DailyAct.APPLY_AS_VENDOR
    used = QUOTAS[act].per_day
    await world.save(DailyUse(user_id=applicant.user.id, act=act, day=now().date(), used=used))
    given = await applicant.given()
    assert await applicant.client.refusal_codes("applyAsVendor", given) == ["DAILY_LIMIT_REACHED"]


async def test_apply_as_vendor_as_others(world: World, api: Client) -> None:
    applicant = await Applicant.enter(world, api)
    given = await applicant.given()
    assert await api.mutation_failed("applyAsVendor", given) == ["UNAUTHENTICATED"]
    _, secret = await world.api_token(applicant.user)
    assert await api.bearing(secret).mutation_failed("applyAsVendor", given) == ["FORBIDDEN"]


async def test_programs_see_no_application(world: World, api: Client) -> None:
    """A token may have leaked, and an application has a tax number and identity papers."""
    applicant = await Applicant.enter(world, api)
    application = await applicant.apply()
    _, secret = await world.api_token(applicant.user)
    program = api.bearing(secret)
    assert await program.failed(OWN) == ["FORBIDDEN"]
    for id in (application["id"], application["vendor"]["id"]):
        node = (await program.ask(NODE, id=id))["node"]
        assert node in (None, {"application": None})
    assert len((await applicant.client.ask(OWN))["vendorApplications"]["nodes"]) == 1
