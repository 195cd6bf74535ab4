"""One upload becomes the logo of eight vendors, and two managers save one gallery, at once."""

from collections import Counter

import pytest
from sqlmodel import select
from sqlmodel.sql.expression import SelectOfScalar

from models.pictures import VendorImage
from models.vendors import MemberRole
from services.pictures import places as services
from services.vendors import access
from tests.client import Client, gid
from tests.factories.vendors import new_member
from tests.factories.world import World
from tests.races.conftest import Drop
from tests.races.crowd import at_once, tally
from tests.races.meeting import Meeting

VENDORS, ROUNDS = 8, 5
PLACES = "vendor { gallery { uploadId } }"


async def attach_everywhere(world: World, clients: list[Client]) -> tuple[Counter[str], int]:
    """Return the codes of all responses, and the number of places of the upload."""
    owner = await world.user()
    shops = [await world.vendor(owner) for _ in range(VENDORS)]
    upload = await world.picture(owner)
    answers = await at_once(
        clients[number % 2]
        .signed_in(owner)
        .do("updateVendor", {"vendorId": gid(shop), "logo": {"uploadId": gid(upload)}})
        for number, shop in enumerate(shops)
    )
    async with world.database.session() as session:
        rows = select(VendorImage).where(VendorImage.upload_id == upload.id)
        return tally(answers), len((await session.exec(rows)).all())


async def test_an_upload_has_one_place(world: World, clients: list[Client]) -> None:
    for _ in range(ROUNDS):
        codes, places = await attach_everywhere(world, clients)
        assert (codes, places) == ({"OK": 1, "INVALID_INPUT": VENDORS - 1}, 1)


def unlocked(rows: SelectOfScalar[object], **_: object) -> SelectOfScalar[object]:
    return rows


async def test_an_upload_has_many_places_without_lock_and_unique_upload(
    drop: Drop, world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "for_change", unlocked)
    monkeypatch.setattr(services, "_swap", Meeting().after(services._swap))
    await drop("vendor_image_upload_id_key")
    assert (await attach_everywhere(world, [api, api]))[1] > 1


async def save_at_once(
    world: World, clients: list[Client], saves: int = 8
) -> tuple[Counter[str], int]:
    """Two managers replace the gallery in turn. Returns the codes, and its length."""
    shop = await world.vendor()
    people = [await new_member(world, shop, MemberRole.MANAGER) for _ in range(2)]
    given = []
    for number in range(saves):
        person = people[number % 2]
        images = [{"uploadId": gid(await world.picture(person))} for _ in range(2)]
        given.append((person, {"vendorId": gid(shop), "gallery": images}))
    answers = await at_once(
        clients[number % 2].signed_in(person).do("updateVendor", input, PLACES)
        for number, (person, input) in enumerate(given)
    )
    async with world.database.session() as session:
        rows = select(VendorImage).where(VendorImage.vendor_id == shop.id)
        return tally(answers), len((await session.exec(rows)).all())


async def test_a_gallery_is_that_of_the_last_save(world: World, clients: list[Client]) -> None:
    for _ in range(ROUNDS):
        assert await save_at_once(world, clients) == ({"OK": 8}, 2)


@pytest.mark.filterwarnings("ignore:DELETE statement")  # it was deleted by another request
async def test_galleries_are_mixed_without_lock_and_unique_places(
    drop: Drop, world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access, "for_change", unlocked)
    await drop("vendor_image_vendor_id_kind_position_key")
    monkeypatch.setattr(services, "_swap", Meeting().after(services._swap))
    assert await save_at_once(world, [api, api], saves=2) == ({"OK": 2}, 4)
