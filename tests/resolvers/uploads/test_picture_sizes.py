"""Sizes of pictures: where they are shown, their URLs, and pictures that have none."""

from typing import Any

from core.clock import now
from gateways.storage.base import ObjectStorage
from jobs.pictures import make_sizes
from models.pictures import PictureSizes, PictureState, VendorImage, VendorImageKind
from models.uploads import Upload
from services.pictures import sizes
from services.transaction import Transactions
from tests.client import Client, gid
from tests.factories.files import picture
from tests.factories.world import World
from tests.resolvers.counting import statements
from tests.resolvers.uploads.uploader import Uploader, row_id
from tests.services.conftest import PublicationRecorder

SIZES = "state blurhash sizes { width height format contentType bytes url }"
PICTURE = f"url small: url(width: 100, format: AVIF) wide: url(width: 9999) {SIZES} uploadId"
LOGO = f"query ($id: ID!) {{ vendor(id: $id) {{ logo {{ {PICTURE} }} }} }}"
OWN = f"query ($id: ID!) {{ node(id: $id) {{ ... on Upload {{ picture {{ {SIZES} }} }} }} }}"
BY_WIDTH = """query ($id: ID!) { vendor(id: $id) { logo {
  none: url a: url(width: 0) b: url(width: 160) c: url(width: 161, format: WEBP)
  d: url(width: 500) e: url(format: AVIF) jpeg: sizes(format: JPEG) { url width } } } }"""


async def sized(world: World, objects: ObjectStorage, upload_id: Any) -> None:
    """Make the sizes of an upload, as the job does."""
    transactions = Transactions(world.database, PublicationRecorder())
    async with world.database.session() as session:
        upload = await session.get_one(Upload, upload_id)
    made = await make_sizes(objects, upload)
    async with transactions.begin() as session:
        await sizes.record_sizes(session, upload.id, made)


async def test_sizes_are_shown_and_served(
    world: World, uploader: Uploader, objects: ObjectStorage
) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner)
    given = {"purpose": "PICTURE", "fileName": "shop.png", "contentType": "image/png"}
    client = uploader.of(owner)
    finished = await client.upload(picture(size=(200, 100), color="red"), **given)
    upload = finished["upload"]
    pending: dict[str, Any] = {"state": "PENDING", "blurhash": None, "sizes": []}
    own = (await client.client.ask(OWN, id=upload["id"]))["node"]["picture"]
    assert own == pending
    logo = {"vendorId": gid(vendor), "logo": {"uploadId": upload["id"]}}
    assert (await client.client.do("updateVendor", logo))["errors"] == []
    shown = (await uploader.client.ask(LOGO, id=gid(vendor)))["vendor"]["logo"]
    assert {name: shown[name] for name in pending} == pending
    assert shown["url"] == shown["small"] == shown["wide"] == upload["url"]
    await sized(world, objects, row_id(finished))
    shown = (await uploader.client.ask(LOGO, id=gid(vendor)))["vendor"]["logo"]
    assert (shown["state"], shown["url"]) == ("READY", upload["url"])
    assert len(shown["blurhash"]) == 28
    assert [(one["width"], one["height"], one["format"]) for one in shown["sizes"]] == [
        (width, width // 2, format) for width in (160, 200) for format in ("AVIF", "WEBP", "JPEG")
    ]
    assert shown["small"] == shown["sizes"][0]["url"]
    assert shown["wide"] == shown["sizes"][5]["url"]
    own = (await client.client.ask(OWN, id=upload["id"]))["node"]["picture"]
    assert own == {name: shown[name] for name in pending}
    for size in shown["sizes"]:
        answer = await uploader.fetch(size["url"])
        if answer.status_code == 302:
            answer = await uploader.fetch(answer.headers["location"])
        else:
            assert answer.headers["cache-control"] == "public, max-age=86400, immutable"
        assert answer.status_code == 200
        assert answer.headers["content-type"] == size["contentType"]
        assert len(answer.content) == size["bytes"]
    name = shown["sizes"][0]["url"].rpartition("/")[2].removesuffix(".avif")
    for wrong in (f"{name}.png", name, f"{name}.svg", name.replace("-160-", "-161-") + ".avif"):
        answer = await uploader.fetch(f"/pictures/{wrong}")
        if answer.status_code == 302:
            answer = await uploader.fetch(answer.headers["location"])
        assert answer.status_code in {403, 404}


def stored(width: int) -> list[dict[str, Any]]:
    values = {"width": width, "height": width, "bytes": 1}
    return [
        {**values, "format": format, "sha256": f"{width}{format}"}
        for format in ("AVIF", "WEBP", "JPEG")
    ]


async def with_logo(world: World) -> Any:
    owner = await world.user()
    vendor, logo = await world.vendor(owner), await world.picture(owner, attached_at=now())
    await world.save(
        VendorImage(vendor_id=vendor.id, kind=VendorImageKind.LOGO, upload_id=logo.id),
        PictureSizes(
            upload_id=logo.id,
            state=PictureState.READY,
            blurhash="L00000",
            sizes=[*stored(160), *stored(320)],
        ),
    )
    return vendor


async def test_url_returns_the_narrowest_size_that_is_wide_enough(
    world: World, api: Client
) -> None:
    vendor = await with_logo(world)
    logo = (await api.ask(BY_WIDTH, id=gid(vendor)))["vendor"]["logo"]
    ends = {name: logo[name].rpartition("-")[2] for name in "abcde"}
    assert ends == {
        "a": "160JPEG.jpg",
        "b": "160JPEG.jpg",
        "c": "320WEBP.webp",
        "d": "320JPEG.jpg",
        "e": "320AVIF.avif",
    }
    assert [one["width"] for one in logo["jpeg"]] == [160, 320]
    assert logo["jpeg"][0]["url"] == logo["a"]


async def test_statements_of_sizes_do_not_grow(world: World, api: Client) -> None:
    vendors = [await with_logo(world) for _ in range(5)]
    query = (
        f"query ($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on Vendor {{ logo {{ {SIZES} }} }} }} }}"
    )
    found = [
        len(await statements(api, query, ids=[gid(one) for one in some]))
        for some in (vendors[:1], vendors)
    ]
    assert found == [2, 2]  # the vendors, and their pictures with the sizes


async def test_the_picture_of_an_upload_as_others(world: World, api: Client) -> None:
    owner = await world.user()
    upload = await world.picture(owner)
    seen = [
        (await client.ask(OWN, id=gid(upload)))["node"]
        for client in (api, api.signed_in(await world.user()))
    ]
    assert seen == [None, None]
    chat = await world.upload(owner)
    pending = await world.picture(owner, state="PENDING", key=None)
    for other in (chat, pending):
        assert (await api.signed_in(owner).ask(OWN, id=gid(other)))["node"] == {"picture": None}
