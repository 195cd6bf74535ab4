"""A removed picture frees its bytes; one that is shown stays."""

import pytest

from core.clock import now
from gateways.storage.base import ObjectStorage
from jobs.context import WorkerContext
from models.pictures import VendorImage, VendorImageKind
from models.uploads import stored_key
from tests.client import Client, gid
from tests.factories.world import World
from tests.jobs.conftest import Work


@pytest.fixture
def objects(worker_context: WorkerContext) -> ObjectStorage:
    return worker_context.objects


async def test_a_removed_picture_frees_its_bytes(
    world: World, api: Client, objects: ObjectStorage, work: Work
) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner)
    logo, cover = [await world.picture(owner, attached_at=now()) for _ in range(2)]
    for upload, kind in ((logo, VendorImageKind.LOGO), (cover, VendorImageKind.COVER)):
        key = stored_key(upload.id, "a", public=True)
        await objects.write(key, b"x", "image/png")
        async with world.database.session() as session, session.begin():
            session.add(upload)
            upload.key = key
        await world.save(VendorImage(vendor_id=vendor.id, kind=kind, upload_id=upload.id))
    client = api.signed_in(owner)
    given = {"vendorId": gid(vendor), "logo": None, "cover": {"uploadId": gid(cover)}}
    assert await client.refusal_codes("updateVendor", given) == []
    await work()
    assert await world.fresh(logo) is None
    assert await objects.read(stored_key(logo.id, "a", public=True), 1) is None
    assert await world.fresh(cover) is not None
    assert await objects.read(stored_key(cover.id, "a", public=True), 1) == b"x"
