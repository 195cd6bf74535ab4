"""Pictures of vendors and offers, from the upload to their public URL and back."""

from typing import Any
from urllib.parse import urlsplit

import pytest

from core.clock import now
from gateways.storage.base import ObjectStorage
from models.identity.accounts import User
from models.uploads import ONLY_PICTURES, Upload, UploadState
from models.vendors import MemberRole
from services.uploads import uploads as services
from tests.client import Client, gid
from tests.factories.files import TEXT, picture
from tests.factories.vendors import OUTSIDERS, new_member, outsider
from tests.factories.world import World
from tests.resolvers.counting import statements
from tests.resolvers.uploads.uploader import Uploader, codes, row_id

IMAGE = "url width height contentType uploadId alt"
IMAGES = f"logo {{ {IMAGE} }} cover {{ {IMAGE} }} gallery {{ {IMAGE} }}"
SHOWN = f"query ($id: ID!, $offer: ID!) {{ vendor(id: $id) {{ {IMAGES} }}"
SHOWN += f" offer(id: $offer) {{ pictures {{ {IMAGE} }} }} }}"
NAMES = ("logo", "cover", "gallery")


async def uploaded(uploader: Uploader, user: User, **values: Any) -> dict[str, Any]:
    """Return a READY picture of the user."""
    given = {"purpose": "PICTURE", "fileName": "shop.png", "contentType": "image/png"} | values
    finished = await uploader.of(user).upload(picture(color="red"), **given)
    assert finished["errors"] == []
    upload: dict[str, Any] = finished["upload"]
    return upload


async def test_pictures_are_shown_to_everyone_under_a_stable_url(
    world: World, uploader: Uploader
) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner)
    offer = await world.offer(vendor)
    logo, *rest = [await uploaded(uploader, owner) for _ in range(4)]
    alt = [{"locale": "en", "text": "Our shop"}, {"locale": "de", "text": "Unser Laden"}]
    client = uploader.of(owner).client
    given = {
        "logo": {"uploadId": logo["id"], "alt": alt},
        "gallery": [{"uploadId": rest[1]["id"]}, {"uploadId": rest[0]["id"]}],
    }
    assert codes(await client.do("updateVendor", {"vendorId": gid(vendor)} | given)) == []
    pictures = [{"uploadId": rest[2]["id"]}]
    assert (
        codes(await client.do("updateOffer", {"offerId": gid(offer), "pictures": pictures})) == []
    )
    reader = uploader.client.reading("de")
    shown = await reader.ask(SHOWN, id=gid(vendor), offer=gid(offer))
    assert shown["vendor"]["logo"] == {
        "url": logo["url"],
        "width": 40,
        "height": 30,
        "contentType": "image/png",
        "uploadId": logo["id"],
        "alt": "Unser Laden",
    }
    assert shown["vendor"]["cover"] is None
    assert [one["uploadId"] for one in shown["vendor"]["gallery"]] == [rest[1]["id"], rest[0]["id"]]
    assert [one["uploadId"] for one in shown["offer"]["pictures"]] == [rest[2]["id"]]
    again = await reader.ask(SHOWN, id=gid(vendor), offer=gid(offer))
    assert again == shown, "the URLs are stable"
    answer = await uploader.fetch(logo["url"])
    if answer.status_code == 302:
        assert "max-age=450" in answer.headers["cache-control"]
        answer = await uploader.fetch(answer.headers["location"])
    else:
        assert answer.headers["cache-control"] == "public, max-age=86400, immutable"
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
    assert answer.content == picture(color="red")


async def test_pictures_are_reordered_described_and_removed(
    world: World, uploader: Uploader, objects: ObjectStorage
) -> None:
    """Another manager keeps the pictures of the first. Removing one frees its bytes."""
    owner = await world.user()
    vendor = await world.vendor(owner)
    manager = await new_member(world, vendor, MemberRole.MANAGER)
    ids = [(await uploaded(uploader, owner))["id"] for _ in range(3)]
    rows = [row_id({"upload": {"id": id}}) for id in ids]

    async def save(user: User, order: list[str], **more: Any) -> list[str]:
        given = {"gallery": [{"uploadId": id} for id in order], **more}
        client = uploader.of(user).client
        saved = await client.do("updateVendor", {"vendorId": gid(vendor)} | given, SAVED)
        assert saved["errors"] == []
        return [one["uploadId"] for one in saved["vendor"]["gallery"]]

    assert await save(owner, ids) == ids
    assert await save(manager, [ids[2], ids[0]]) == [ids[2], ids[0]]
    assert await save(manager, [ids[0]], cover={"uploadId": ids[2]}) == [ids[0]]
    async with world.database.session() as session:
        removed = await session.get_one(Upload, rows[1])
        kept = await session.get_one(Upload, rows[0])
        assert (removed.expired, removed.attached_at, kept.expired) == (True, None, False)
        assert await services.find_served_key(session, rows[1]) is None
    assert removed.key
    assert await objects.read(removed.key, 1) is not None  # until the job runs


SAVED = "vendor { gallery { uploadId } }"


async def refusals(
    world: World, uploader: Uploader, user: User, given: dict[str, Any], vendor_id: str
) -> list[tuple[str, list[str] | None]]:
    client = uploader.of(user).client
    answer = await client.do("updateVendor", {"vendorId": vendor_id} | given)
    return [(one["code"], one["field"]) for one in answer["errors"]]


async def test_uploads_that_are_no_picture_of_the_viewer(world: World, uploader: Uploader) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner)
    other = await world.vendor(owner)
    others = await world.picture(await world.user())
    chat = await world.upload(owner, state=UploadState.READY, key="kept/1")
    used = await world.picture(owner, attached_at=now())
    pending = await world.picture(owner, state=UploadState.PENDING, key=None)
    expired = await world.picture(owner, expires_at=now())
    fine = await world.picture(owner)
    cases = {
        "NOT_FOUND": (others, expired),
        "INVALID_INPUT": (chat, used, pending),
    }
    for code, uploads in cases.items():
        for upload in uploads:
            given = {"gallery": [{"uploadId": gid(fine)}, {"uploadId": gid(upload)}]}
            found = await refusals(world, uploader, owner, given, gid(vendor))
            assert found == [(code, ["gallery", "1", "uploadId"])], upload.file_name
            alone = {"logo": {"uploadId": gid(upload)}}
            found = await refusals(world, uploader, owner, alone, gid(vendor))
            assert found == [(code, ["logo", "uploadId"])]
    twice = {"logo": {"uploadId": gid(fine)}, "cover": {"uploadId": gid(fine)}}
    found = await refusals(world, uploader, owner, twice, gid(vendor))
    assert found == [("INVALID_INPUT", ["cover", "uploadId"])]
    assert (await world.fresh(fine)).attached_at is None, "nothing was attached"
    assert (
        await refusals(world, uploader, owner, {"logo": {"uploadId": gid(fine)}}, gid(vendor)) == []
    )
    found = await refusals(world, uploader, owner, {"logo": {"uploadId": gid(fine)}}, gid(other))
    assert found == [("INVALID_INPUT", ["logo", "uploadId"])]


async def test_pictures_are_limited(world: World, uploader: Uploader) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner)
    offer = await world.offer(vendor)
    ids = [gid(await world.picture(owner)) for _ in range(19)]
    gallery = [{"uploadId": id} for id in ids]
    found = await refusals(world, uploader, owner, {"gallery": gallery}, gid(vendor))
    assert found == [("INVALID_INPUT", ["gallery"])]
    client = uploader.of(owner).client
    given = {"offerId": gid(offer), "pictures": gallery[:11]}
    (error,) = (await client.do("updateOffer", given))["errors"]
    assert (error["code"], error["field"]) == ("INVALID_INPUT", ["pictures"])
    assert await refusals(world, uploader, owner, {"gallery": gallery[:18]}, gid(vendor)) == []
    alt = [{"locale": "en", "text": "x" * 201}]
    given = {"gallery": [{"uploadId": ids[0], "alt": alt}]}
    found = await refusals(world, uploader, owner, given, gid(vendor))
    assert found == [("INVALID_INPUT", ["gallery", "0", "alt", "0", "text"])]


@pytest.mark.parametrize("kind", OUTSIDERS)
async def test_pictures_as_others(world: World, uploader: Uploader, kind: str) -> None:
    vendor = await world.vendor(await world.user())
    offer = await world.offer(vendor)
    user = await outsider(world, vendor, kind)
    mine = {"uploadId": gid(await world.picture(user))}
    assert await refusals(world, uploader, user, {"logo": mine}, gid(vendor)) == [
        ("NOT_FOUND", None)
    ]
    client = uploader.of(user).client
    given = {"offerId": gid(offer), "pictures": [mine]}
    assert codes(await client.do("updateOffer", given)) == ["NOT_FOUND"]


async def test_create_offer_with_pictures_once_per_key(world: World, uploader: Uploader) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner)
    image = await world.picture(owner)
    given = {
        "vendorId": gid(vendor),
        "title": [{"locale": "en", "text": "Half price"}],
        "discount": {"percent": 50},
        "startsAt": "2026-05-31T18:30:00Z",
        "endsAt": "2099-05-31T18:30:00Z",
        "pictures": [{"uploadId": gid(image)}],
        "idempotencyKey": "one",
    }
    client: Client = uploader.of(owner).client
    first, again = [
        await client.do("createOffer", given, "offer { id pictures { uploadId } }") for _ in "12"
    ]
    assert first == again
    assert first["offer"]["pictures"] == [{"uploadId": gid(image)}]


async def test_a_picture_must_be_an_image(world: World, uploader: Uploader) -> None:
    me = uploader.of(await world.user())
    finished = await me.upload(TEXT, purpose="PICTURE", contentType="image/png")
    (error,) = finished["errors"]
    assert (error["code"], error["message"]) == ("UPLOAD_REFUSED", ONLY_PICTURES)
    assert finished["upload"]["rejectionReason"] == "TYPE"


async def test_private_files_have_no_public_url(world: World, uploader: Uploader) -> None:
    me = uploader.of(await world.user())
    upload = (await me.upload(picture(), fileName="a.png"))["upload"]
    async with world.database.session() as session:
        row = await session.get_one(Upload, row_id({"upload": upload}))
    assert row.key
    name = row.key.rpartition("/")[2]
    for wrong in (f"{name}.png", "x.png", f"..%2Fkept%2F{name}.png", f"{name}.svg", name):
        answer = await uploader.fetch(f"/pictures/{wrong}")
        if answer.status_code == 302:  # the bucket decides
            assert f"/public/{name}" in urlsplit(answer.headers["location"]).path
            answer = await uploader.fetch(answer.headers["location"])
        assert answer.status_code in {403, 404}


async def test_statements_of_pictures_do_not_grow(world: World, uploader: Uploader) -> None:
    owner = await world.user()
    vendors = [await world.vendor(owner) for _ in range(5)]
    offers = [await world.offer(vendor) for vendor in vendors]
    query = f"query ($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on Vendor {{ {IMAGES} }}"
    query += f" ... on Offer {{ pictures {{ {IMAGE} }} }} }} }}"
    one, all_ = [gid(vendors[0]), gid(offers[0])], [gid(row) for row in (*vendors, *offers)]
    found = [len(await statements(uploader.client, query, ids=ids)) for ids in (one, all_)]
    assert found == [4, 4]  # the vendors, the offers, and the pictures of each
