"""Applications that are submitted again, and those that are withdrawn."""

from typing import Any

import pytest
from sqlmodel import select

from models.uploads import Upload
from models.vendors import MemberRole, Vendor, VendorMember
from tests.client import Client, gid
from tests.factories.world import World
from tests.resolvers.applications.applying import ADDRESS, SHOWN, Applicant, codes, stored

CHANGES: dict[str, Any] = {
    "name": "Tea House",
    "address": ADDRESS | {"city": "Mysuru", "postalCode": "570001"},
    "latitude": 12.3,
    "taxId": "AAPFU0939F",
}


async def returned(applicant: Applicant) -> dict[str, Any]:
    """Return an application of which an admin has requested changes."""
    application = await applicant.apply()
    done = await applicant.decide("requestVendorChanges", application)
    assert done["errors"] == []
    shown: dict[str, Any] = done["application"]
    return shown


async def test_resubmit_application_with_changes(world: World, api: Client) -> None:
    applicant = await Applicant.enter(world, api)
    application = await returned(applicant)
    new, (old,) = await world.document(applicant.user), application["documents"]
    documents = [gid(new), old["id"]]
    done = await applicant.resubmit(application, documentUploadIds=documents, **CHANGES)
    assert done["errors"] == []
    again = done["application"]
    assert (again["state"], again["revision"]) == ("SUBMITTED", application["revision"] + 1)
    assert (again["taxKind"], again["taxId"]) == ("PAN", "AAPFU0939F")
    assert again["vendor"]["name"] == "Tea House"
    assert "Mysuru 570001" in again["vendor"]["address"]["formatted"]
    assert [one["id"] for one in again["documents"]] == documents
    assert again["submittedAt"] > application["submittedAt"]
    assert codes(await applicant.decide("approveVendor", again)) == []
    found = await api.ask('{ vendors(search: "tea house mysuru") { nodes { name } } }')
    assert found["vendors"]["nodes"] == [{"name": "Tea House"}]


async def test_resubmit_application_deletes_documents_that_are_left_out(
    world: World, api: Client
) -> None:
    applicant = await Applicant.enter(world, api)
    application = await returned(applicant)
    new, (old,) = await world.document(applicant.user), application["documents"]
    done = await applicant.resubmit(application, documentUploadIds=[gid(new)])
    assert [one["id"] for one in done["application"]["documents"]] == [gid(new)]
    left_out = await stored(world, Upload, old["id"])
    assert left_out.expired


@pytest.mark.parametrize("name", [*CHANGES, "categoryId", "timeZone", "documentUploadIds"])
async def test_resubmit_application_refuses_null(world: World, api: Client, name: str) -> None:
    applicant = await Applicant.enter(world, api)
    done = await applicant.resubmit(await returned(applicant), **{name: None})
    assert [one["field"] for one in done["errors"]] == [[name]]


async def test_resubmit_application_of_another_revision_or_user(world: World, api: Client) -> None:
    applicant = await Applicant.enter(world, api)
    application = await returned(applicant)
    older = application | {"revision": application["revision"] - 1}
    assert codes(await applicant.resubmit(older)) == ["APPLICATION_CHANGED"]
    given = {"applicationId": application["id"], "revision": application["revision"]}
    for client in (applicant.admin, api.signed_in(await world.user())):
        assert await client.refusal_codes("resubmitApplication", given) == ["NOT_FOUND"]
        withdrawn = {"applicationId": application["id"]}
        assert await client.refusal_codes("withdrawApplication", withdrawn) == ["NOT_FOUND"]
    assert await api.mutation_failed("resubmitApplication", given) == ["UNAUTHENTICATED"]


@pytest.mark.parametrize("left_with", [None, MemberRole.STAFF])
async def test_a_former_owner_decides_nothing_for_the_vendor(
    world: World, api: Client, left_with: MemberRole | None
) -> None:
    """Another owner has removed the applicant, who could otherwise end the vendor's application."""
    applicant = await Applicant.enter(world, api)
    application = await returned(applicant)
    vendor = await stored(world, Vendor, application["vendor"]["id"])
    await world.member(vendor, await world.user(), MemberRole.OWNER)
    async with world.database.session() as session, session.begin():
        own = VendorMember.vendor_id == vendor.id, VendorMember.user_id == applicant.user.id
        member = (await session.exec(select(VendorMember).where(*own))).one()
        if left_with is None:
            await session.delete(member)
        else:
            member.role = left_with
    assert codes(await applicant.resubmit(application)) == ["NOT_FOUND"]
    withdrawn = {"applicationId": application["id"]}
    assert await applicant.client.refusal_codes("withdrawApplication", withdrawn) == ["NOT_FOUND"]


async def test_withdraw_application_deletes_its_documents(world: World, api: Client) -> None:
    applicant = await Applicant.enter(world, api)
    application = await applicant.apply()
    given = {"applicationId": application["id"]}
    done = await applicant.client.do("withdrawApplication", given, SHOWN)
    shown = done["application"]
    assert (shown["state"], shown["vendor"]["status"]) == ("WITHDRAWN", "REJECTED")
    assert shown["documents"] == []
    (document,) = application["documents"]
    assert (await stored(world, Upload, document["id"])).expired
    again = await applicant.client.refusal_codes("withdrawApplication", given)
    assert again == ["INVALID_APPLICATION_STATE"]
    assert codes(await applicant.decide("approveVendor", application)) == [
        "INVALID_APPLICATION_STATE"
    ]
    assert await api.mutation_failed("withdrawApplication", given) == ["UNAUTHENTICATED"]
