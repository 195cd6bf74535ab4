"""Slugs of vendors: given, changed, kept for good, and what a link shows."""

from typing import Any

import pytest

from models.pictures import VendorImage, VendorImageKind
from models.vendors import MemberRole, Vendor, VendorStatus
from models.vendors.slugs import MAX_SLUGS, VendorSlug
from tests.client import Client, gid
from tests.factories.vendors import OUTSIDERS, new_member, outsider
from tests.factories.world import World
from tests.resolvers.applications.applying import Applicant
from tests.resolvers.vendors.test_create_vendor import SHOP

BY_SLUG = "query ($slug: String!) { vendor(slug: $slug) { id canonicalSlug } }"
SHARED = """query ($id: ID!) { vendor(id: $id) {
  seoTitle seoText share { title text picture { uploadId } }
} }"""


async def with_slug(world: World, owner: Any, slug: str) -> Vendor:
    vendor = await world.vendor(owner)
    await world.save(VendorSlug(slug=slug, vendor_id=vendor.id))
    return vendor


async def change(client: Client, vendor: Vendor, slug: str) -> list[str]:
    return await client.refusal_codes("updateVendor", {"vendorId": gid(vendor), "slug": slug})


async def found(client: Client, slug: str) -> tuple[str, str] | None:
    vendor = (await client.ask(BY_SLUG, slug=slug))["vendor"]
    return vendor and (vendor["id"], vendor["canonicalSlug"])


async def test_new_vendors_get_slugs_of_their_names(world: World, api: Client) -> None:
    admin, slugs = api.signed_in(await world.admin()), []
    given = SHOP | {
        "owner": {"id": gid(await world.user())},
        "categoryId": gid(await world.category()),
    }
    for key in ("a", "b", "c"):
        made = await admin.do(
            "createVendor", given | {"idempotencyKey": key}, "vendor { id canonicalSlug }"
        )
        slugs.append(made["vendor"]["canonicalSlug"])
        assert await found(api, slugs[-1]) == (made["vendor"]["id"], slugs[-1])
    assert slugs[:2] == ["corner-cafe", "corner-cafe-bengaluru"]
    assert slugs[2].startswith("corner-cafe-")


async def test_former_slugs_lead_to_the_vendor_and_name_the_current_one(
    world: World, api: Client
) -> None:
    owner = await world.user()
    vendor = await with_slug(world, owner, "corner-cafe")
    client = api.signed_in(owner)
    for slug in ("corner", "corner-coffee", "corner-coffee"):
        assert await change(client, vendor, slug) == []
        for known in ("corner-cafe", slug, f" {slug.upper()} "):
            assert await found(api, known) == (gid(vendor), slug)
    assert await change(client, vendor, "corner-cafe") == []
    assert await found(api, "corner") == (gid(vendor), "corner-cafe")
    assert await found(api, "nowhere") is None


async def test_a_slug_is_never_reused_by_another_vendor(world: World, api: Client) -> None:
    owner, other = await world.user(), await world.user()
    vendor = await with_slug(world, owner, "corner-cafe")
    rival = await with_slug(world, other, "rival")
    assert await change(api.signed_in(owner), vendor, "corner") == []
    for slug in ("corner", "corner-cafe"):
        assert await change(api.signed_in(other), rival, slug) == ["SLUG_TAKEN"]
        assert await found(api, slug) == (gid(vendor), "corner")
    assert await found(api, "rival") == (gid(rival), "rival")


async def test_a_vendor_can_have_a_limited_number_of_slugs(world: World, api: Client) -> None:
    owner = await world.user()
    vendor, client = await with_slug(world, owner, "first"), api.signed_in(owner)
    former = [
        VendorSlug(slug=f"former-{number}", vendor_id=vendor.id, is_current=False)
        for number in range(MAX_SLUGS - 2)
    ]
    await world.save(*former)
    assert await change(client, vendor, "last") == []
    assert await change(client, vendor, "too-many") == ["SLUG_LIMIT_REACHED"]
    assert await change(client, vendor, "first") == []
    assert await found(api, "last") == (gid(vendor), "first")


async def test_a_pending_vendor_occupies_one_slug_and_a_rejected_one_none(
    world: World, api: Client
) -> None:
    applicant, rival = await Applicant.enter(world, api), await world.user()
    other = await with_slug(world, rival, "rival")
    first, second = await applicant.apply(name="Corner"), await applicant.apply(name="Quay")
    pending = {"vendorId": first["vendor"]["id"], "slug": "best-tea"}
    assert await applicant.client.refusal_codes("updateVendor", pending) == []
    client = api.signed_in(rival)
    assert await change(client, other, "corner") == []
    assert await change(client, other, "best-tea") == ["SLUG_TAKEN"]
    first |= {"revision": first["revision"] + 1}  # for the slug
    assert (await applicant.decide("rejectVendor", first))["errors"] == []
    assert await change(client, other, "best-tea") == []
    refused = await applicant.client.refusal_codes("updateVendor", pending | {"slug": "again"})
    assert refused == ["INVALID_VENDOR_STATUS"]
    withdrawn = {"applicationId": second["id"]}
    assert await applicant.client.refusal_codes("withdrawApplication", withdrawn) == []
    assert await change(client, other, "quay") == []
    assert await found(api, "quay") == (gid(other), "quay")


@pytest.mark.parametrize("slug", ["", "ab", "Café", "two words", "-a-", "a--b", "x" * 61, "a/b"])
async def test_slugs_that_are_not_valid(world: World, api: Client, slug: str) -> None:
    owner = await world.user()
    vendor = await with_slug(world, owner, "corner-cafe")
    assert await change(api.signed_in(owner), vendor, slug) == ["INVALID_INPUT"]
    assert await found(api, slug) is None


@pytest.mark.parametrize("kind", OUTSIDERS)
async def test_change_a_slug_as_others(world: World, api: Client, kind: str) -> None:
    vendor = await with_slug(world, await world.user(), "corner-cafe")
    user = await outsider(world, vendor, kind)
    assert await change(api.signed_in(user), vendor, "taken-over") == ["NOT_FOUND"]
    assert await found(api, "corner-cafe") == (gid(vendor), "corner-cafe")


async def test_slugs_of_vendors_that_are_not_public(world: World, api: Client) -> None:
    owner = await world.user()
    vendor = await with_slug(world, owner, "corner-cafe")
    vendor.status = VendorStatus.SUSPENDED
    await world.save(vendor)
    assert await found(api, "corner-cafe") is None
    assert await found(api.signed_in(await world.user()), "corner-cafe") is None
    for user in (owner, await world.admin()):
        assert await found(api.signed_in(user), "corner-cafe") == (gid(vendor), "corner-cafe")


async def test_a_vendor_needs_an_id_or_a_slug(world: World, api: Client) -> None:
    vendor = await world.vendor()
    for given in ("", f'(id: "{gid(vendor)}", slug: "corner-cafe")'):
        assert await api.failed(f"{{ vendor{given} {{ id }} }}") == ["BAD_USER_INPUT"]
    seen = await api.ask("query ($id: ID!) { vendor(id: $id) { canonicalSlug } }", id=gid(vendor))
    assert seen["vendor"] == {"canonicalSlug": None}


async def test_what_a_link_shows(world: World, api: Client) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner, name="Corner", description={"en": "Tea.\n\n" + "x " * 200})
    shown = (await api.ask(SHARED, id=gid(vendor)))["vendor"]
    assert (shown["seoTitle"], shown["seoText"]) == ("", "")
    assert shown["share"]["title"] == "Corner"
    assert shown["share"]["text"].startswith("Tea. x x")
    assert len(shown["share"]["text"]) <= 200
    assert shown["share"]["picture"] is None
    given = {
        "vendorId": gid(vendor),
        "seoTitle": [{"locale": "en", "text": "Tea in town"}, {"locale": "hi", "text": "चाय"}],
        "seoText": [{"locale": "en", "text": "The best tea."}],
    }
    assert await api.signed_in(owner).refusal_codes("updateVendor", given) == []
    shown = (await api.reading("hi").ask(SHARED, id=gid(vendor)))["vendor"]
    assert (shown["seoTitle"], shown["seoText"]) == ("चाय", "The best tea.")
    assert (shown["share"]["title"], shown["share"]["text"]) == ("चाय", "The best tea.")


async def test_the_picture_of_a_link(world: World, api: Client) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner)
    for kind in (VendorImageKind.LOGO, VendorImageKind.GALLERY, VendorImageKind.COVER):
        upload = await world.picture(owner)
        image = VendorImage(vendor_id=vendor.id, kind=kind, upload_id=upload.id)
        await world.save(image)
        share = (await api.ask(SHARED, id=gid(vendor)))["vendor"]["share"]
        assert share["picture"]["uploadId"] == gid(upload)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"seoTitle": [{"locale": "en", "text": "x" * 71}]}, ["seoTitle", "0", "text"]),
        ({"seoText": [{"locale": "en", "text": "x" * 201}]}, ["seoText", "0", "text"]),
        ({"seoText": [{"locale": "??", "text": "x"}]}, ["seoText", "0", "locale"]),
    ],
)
async def test_bad_texts_for_search_engines(
    world: World, api: Client, given: dict[str, Any], field: list[str]
) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner)
    answer = await api.signed_in(owner).do("updateVendor", {"vendorId": gid(vendor), **given})
    assert [(one["code"], one["field"]) for one in answer["errors"]] == [("INVALID_INPUT", field)]


@pytest.mark.parametrize("role", [MemberRole.OWNER, MemberRole.MANAGER])
async def test_owners_and_managers_change_slugs(
    world: World, api: Client, role: MemberRole
) -> None:
    vendor = await with_slug(world, None, "corner-cafe")
    client = api.signed_in(await new_member(world, vendor, role))
    assert await change(client, vendor, "corner") == []
