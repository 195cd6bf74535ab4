"""The tabs of drafts, imports, rotating codes and fraud run against the demo data."""

import csv
from collections.abc import AsyncIterator

import pytest

from core.security.signing_keys import SigningKeys
from core.settings import Settings
from demo.identity.accounts import ADMIN, CUSTOMER, OWNER
from demo.offers.shown import IDS
from tests.demo.tabs import Tabs, open_tabs

REFUSED = [
    (6, "INVALID_INPUT", "PERCENT"),
    (7, "INVALID_INPUT", None),
    (8, "INVALID_INPUT", "CATEGORY"),
    (9, "INVALID_INPUT", "ID"),
]


@pytest.fixture(scope="module")
async def anyone(settings: Settings, keys: SigningKeys, demo_data: str) -> AsyncIterator[Tabs]:
    async with open_tabs(settings, keys, demo_data, (*IDS,)) as tabs:
        yield tabs


@pytest.fixture(scope="module")
async def owner(anyone: Tabs) -> Tabs:
    return await anyone.as_account(OWNER)


async def test_a_draft_is_scheduled_and_offers_are_duplicated(owner: Tabs) -> None:
    drafts = (await owner.run("Drafts", "Drafts"))["offers"]["nodes"]
    assert [bool(one["publishAt"]) for one in drafts] == [True]
    copy = (await owner.run("Drafts", "Duplicate"))["duplicateOffer"]["offer"]
    assert copy["state"] == "DRAFT"
    for operation, scheduled in (("Schedule", True), ("Unschedule", False)):
        (payload,) = (await owner.run("Drafts", operation)).values()
        assert bool(payload["offer"]["publishAt"]) is scheduled


async def test_the_report_of_the_checked_file_explains_its_refused_rows(owner: Tabs) -> None:
    (checked,) = (await owner.run("Imports", "Imports"))["vendor"]["offerImports"]["nodes"]
    assert (checked["state"], checked["dryRun"]) == ("DONE", True)
    assert (checked["created"], checked["refused"]) == (5, 4)
    rows = checked["rows"]["nodes"]
    assert [(one["rowNumber"], one["code"], one["offerColumn"]) for one in rows] == REFUSED
    url = checked["report"]["url"]
    response = await owner.api.http.get(url[url.index("/offers/") :])
    lines = [*csv.reader(response.text.removeprefix("\ufeff").splitlines())]
    assert [line[2] for line in lines[1:]] == ["CREATED"] * 5 + ["REFUSED"] * 4
    started = (await owner.run("Imports", "Import"))["importOffers"]["offerImport"]
    assert started["state"] == "QUEUED"


async def test_a_rotating_code_redeems_once(anyone: Tabs, owner: Tabs) -> None:
    vouchers = (await (await anyone.as_account(CUSTOMER)).run("Rotating", "Codes"))["viewer"]
    rotation = (await owner.run("Rotating", "Rotation"))["fraudSettings"]
    assert rotation["current"] == {"rotation": "PREFER", "fraudMode": "SHADOW"}
    content = next(
        one["rotatingCode"]["content"]
        for one in vouchers["vouchers"]["nodes"]
        if one["vendor"]["name"] == "Two Tumblers Coffee Room"
    )
    outcomes = []
    for key in ("first", "second"):
        changes = {"token": content, "idempotencyKey": key}
        found = (await owner.run("Rotating", "Scan", scan=changes))["redeemVoucher"]
        outcomes.append((found["outcome"], found["reason"]))
    assert outcomes == [("APPROVED", "APPROVED"), ("REFUSED", "STEP_USED")]


async def test_the_owner_reviews_the_cases(anyone: Tabs, owner: Tabs) -> None:
    cases = (await owner.run("Fraud", "Cases"))["fraudCases"]["nodes"]
    double, held, sampled = cases
    assert [one["factor"] for one in double["riskFactors"]] == ["OFFLINE_DOUBLE"]
    assert (double["redemption"]["outcome"], double["riskScore"]) == ("DOUBLE", 50)
    assert {"FAR_FROM_SHOP", "FAR_FROM_CLAIM"} <= {one["factor"] for one in held["riskFactors"]}
    assert (held["holdEffect"], held["redemption"]["outcome"]) == ("TIMED_OUT", "APPROVED")
    assert 30 <= held["riskScore"] < 50
    assert (sampled["isSampled"], held["isSampled"]) == (True, False)
    id = {"caseId": held["id"]}
    assert (await owner.run("Fraud", "Take", take=id))["takeFraudCase"]["fraudCase"]["takenBy"]
    await owner.run("Fraud", "Note", note=id)
    await owner.run("Fraud", "Decide", decide=id | {"decision": "REJECTED"})
    settings = (await owner.run("Fraud", "Settings"))["fraudSettings"]
    assert [one["fraudMode"] for one in settings["versions"]] == ["SHADOW", "ACT"]
    assert {one["factor"]: one["decided"] for one in settings["precision"]}["FAR_FROM_CLAIM"] == 1
    preview = (await owner.run("Fraud", "Preview"))["previewFraudSettings"]
    assert preview["attempts"] >= 2
    related = await (await anyone.as_account(ADMIN)).run("Fraud", "Related")
    shared = related["fraudCases"]["nodes"][0]["relatedAccounts"]
    found = sorted((one["hops"], one["kinds"]) for one in shared)
    assert found == [(1, ["CARD"]), (1, ["DEVICE"]), (1, ["DEVICE"])]
