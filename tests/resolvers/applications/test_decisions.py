"""Decisions of admins on applications, and what follows from them."""

from typing import Any

import pytest

from models.vendors import MemberRole, Vendor
from tests.client import Client, gid, unknown
from tests.factories.vendors import new_member
from tests.factories.world import World
from tests.resolvers.applications.applying import (
    DECISIONS,
    SHOWN,
    Applicant,
    codes,
    decision,
    stored,
)
from tests.resolvers.audit.test_audit_log import read_log

QUEUE = """query ($where: VendorApplicationWhere) {
  vendorApplications(where: $where) { totalCount nodes { id lookAlikes { id } } changesAfter }
}"""
APPLICATION = "query ($id: ID!) { vendor(id: $id) { name application { id taxId } } }"
NOTICES = """{ viewer { notifications { unreadCount nodes {
  kind subject { __typename id }
} } } }"""
OUTCOMES = {
    "approveVendor": ("APPROVED", "APPROVED", None, "VENDOR_APPROVED"),
    "rejectVendor": ("REJECTED", "REJECTED", "The licence has expired.", "VENDOR_REJECTED"),
    "requestVendorChanges": (
        "CHANGES_REQUESTED",
        "PENDING",
        "The licence has expired.",
        "CHANGES_REQUESTED",
    ),
}
ACTS = {
    "approveVendor": "APPROVE_VENDOR",
    "rejectVendor": "REJECT_VENDOR",
    "requestVendorChanges": "REQUEST_VENDOR_CHANGES",
}


@pytest.mark.parametrize("name", DECISIONS)
async def test_a_decision_reaches_the_applicant(world: World, api: Client, name: str) -> None:
    applicant = await Applicant.enter(world, api)
    application = await applicant.apply()
    done = await applicant.decide(name, application)
    assert done["errors"] == []
    state, status, reason, kind = OUTCOMES[name]
    asked = "query ($id: ID!) { node(id: $id) { ... on VendorApplication { state reason decidedAt"
    asked += " decider { id } vendor { status } } } }"
    node = (await applicant.client.ask(asked, id=application["id"]))["node"]
    assert (node["state"], node["vendor"], node["reason"]) == (state, {"status": status}, reason)
    assert node["decidedAt"] is not None
    assert node["decider"] is None, "an applicant does not see the admin"
    notices = (await applicant.client.ask(NOTICES))["viewer"]["notifications"]
    assert [one["kind"] for one in notices["nodes"]] == [kind, "APPLICATION_RECEIVED"]
    subject = {"__typename": "VendorApplication", "id": application["id"]}
    assert [one["subject"] for one in notices["nodes"]] == [subject] * 2
    (entry,) = await read_log(applicant.admin, act=ACTS[name], outcome="DONE")
    assert entry["subjectId"] == application["id"]
    shown = await api.ask("query ($id: ID!) { node(id: $id) { id } }", id=node_id(application))
    assert (shown["node"] is not None) is (name == "approveVendor")


def node_id(application: dict[str, Any]) -> str:
    vendor: str = application["vendor"]["id"]
    return vendor


@pytest.mark.parametrize("name", DECISIONS)
async def test_a_decision_needs_the_revision_that_was_read(
    world: World, api: Client, name: str
) -> None:
    """An admin never approves what has changed since: not even by `updateVendor`."""
    applicant = await Applicant.enter(world, api)
    application = await applicant.apply()
    changed = {"vendorId": node_id(application), "phone": "+918026543210"}
    assert await applicant.client.refusal_codes("updateVendor", changed) == []
    done = await applicant.decide(name, application)
    assert codes(done) == ["APPLICATION_CHANGED"]
    newer = application | {"revision": application["revision"] + 1}
    assert codes(await applicant.decide(name, newer)) == []


@pytest.mark.parametrize("name", DECISIONS)
async def test_a_decision_as_others(world: World, api: Client, name: str) -> None:
    applicant = await Applicant.enter(world, api)
    application = await applicant.apply()
    given = decision(name, application)
    assert await api.mutation_failed(name, given) == ["UNAUTHENTICATED"]
    for client in (applicant.client, api.signed_in(await world.user())):
        assert await client.mutation_failed(name, given) == ["FORBIDDEN"]
    unknown_one = given | {"applicationId": unknown("VendorApplication")}
    assert await applicant.admin.refusal_codes(name, unknown_one) == ["NOT_FOUND"]


@pytest.mark.parametrize("first", DECISIONS)
async def test_a_decided_application_cannot_be_decided_again(
    world: World, api: Client, first: str
) -> None:
    applicant = await Applicant.enter(world, api)
    application = await applicant.apply()
    assert codes(await applicant.decide(first, application)) == []
    for second in DECISIONS:
        done = await applicant.decide(second, application)
        assert codes(done) == ["INVALID_APPLICATION_STATE"]
    assert codes(await applicant.resubmit(application)) == (
        [] if first == "requestVendorChanges" else ["INVALID_APPLICATION_STATE"]
    )


@pytest.mark.parametrize("name", DECISIONS[1:])
async def test_a_decision_needs_a_reason(world: World, api: Client, name: str) -> None:
    applicant = await Applicant.enter(world, api)
    given = decision(name, await applicant.apply())
    for reason in (" ", "x" * 1_001):
        refused = await applicant.admin.do(name, given | {"reason": reason})
        assert [one["field"] for one in refused["errors"]] == [["reason"]]


async def test_the_queue_has_filters_and_shows_look_alikes(world: World, api: Client) -> None:
    applicant = await Applicant.enter(world, api)
    first, second = await applicant.apply(), await applicant.apply()
    namesake = await world.vendor(name="Corner Café")
    where = {"state": "SUBMITTED", "country": "IN", "categoryId": applicant.category}
    queue = (await applicant.admin.ask(QUEUE, where=where))["vendorApplications"]
    assert [one["id"] for one in queue["nodes"]] == [first["id"], second["id"]]
    assert {one["id"] for one in queue["nodes"][0]["lookAlikes"]} == {
        node_id(second),
        gid(namesake),
    }
    for other in ({"state": "APPROVED"}, {"country": "DE"}, {"categoryId": unknown("Category")}):
        found = (await applicant.admin.ask(QUEUE, where=other))["vendorApplications"]
        assert found["totalCount"] == 0


async def test_applications_are_hidden_from_others(world: World, api: Client) -> None:
    """Also from other members of the vendor, who see the vendor itself."""
    applicant = await Applicant.enter(world, api)
    application = await applicant.apply()
    own = (await applicant.client.ask(QUEUE))["vendorApplications"]["nodes"]
    assert own == [{"id": application["id"], "lookAlikes": None}]
    vendor = await stored(world, Vendor, node_id(application))
    member = api.signed_in(await new_member(world, vendor, MemberRole.OWNER))
    assert (await member.ask(QUEUE))["vendorApplications"]["totalCount"] == 0
    seen = (await member.ask(APPLICATION, id=node_id(application)))["vendor"]
    assert seen == {"name": "Corner Café", "application": None}
    documents = "query ($id: ID!) { node(id: $id) { ... on Upload { url } } }"
    (document,) = application["documents"]
    for client, found in ((applicant.admin, True), (member, False), (api, False)):
        node = (await client.ask(documents, id=document["id"]))["node"]
        assert (node is not None) is found
    assert await api.failed(QUEUE) == ["UNAUTHENTICATED"]


SHOWN_TO_ADMIN = f"query ($id: ID!) {{ vendor(id: $id) {{ {SHOWN} }} }}"


async def test_an_admin_reads_the_application_of_a_vendor(world: World, api: Client) -> None:
    applicant = await Applicant.enter(world, api)
    application = await applicant.apply()
    found = await applicant.admin.ask(SHOWN_TO_ADMIN, id=node_id(application))
    shown = found["vendor"]["application"]
    assert (shown["taxId"], shown["applicant"]["id"]) == (
        application["taxId"],
        gid(applicant.user),
    )
    assert [one["id"] for one in shown["documents"]] == [
        one["id"] for one in application["documents"]
    ]
