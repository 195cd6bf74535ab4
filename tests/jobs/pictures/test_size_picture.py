"""The sizes of a picture are made by a job, and removed with the picture."""

from typing import Any

import pytest
from sqlmodel import select

from core.clock import now
from core.database import Database
from core.media.sandbox import make_sizes_in_sandbox
from core.runtime.sandbox import SandboxUnavailable
from gateways.storage.base import ObjectStorage
from gateways.storage.local import LocalStorage
from jobs import pictures
from jobs.context import WorkerContext
from models.identity.accounts import User
from models.journal import JournalEntry
from models.pictures import PictureSizes, PictureState, VendorImage, VendorImageKind, size_key
from models.uploads import Upload, stored_key
from services.pictures import sizes
from services.transaction import Transactions
from tests.client import Client, gid
from tests.factories.files import TEXT, picture
from tests.factories.world import World
from tests.jobs.conftest import Defer, Work


@pytest.fixture
def objects(worker_context: WorkerContext) -> ObjectStorage:
    return worker_context.objects


async def new_picture(
    world: World, objects: ObjectStorage, user: User, file: bytes | None = None, **values: Any
) -> Upload:
    """Return a picture of 400 by 300 pixels, with its object."""
    upload = await world.picture(user, **{"width": 400, "height": 300} | values)
    key = stored_key(upload.id, "a" * 64, public=True)
    async with world.database.session() as session, session.begin():
        session.add(upload)
        upload.key = key
    if file is None:
        file = picture(size=(400, 300), color="red")
    await objects.write(key, file, "image/png")
    return upload


async def have_made(transactions: Transactions, upload: Upload) -> None:
    async with transactions.begin() as session:
        await sizes.make_later(session, upload.id)


async def sizes_of(database: Database, upload: Upload) -> PictureSizes:
    async with database.session() as session:
        return await session.get_one(PictureSizes, upload.id)


def stored_names(objects: ObjectStorage, upload: Upload) -> list[str]:
    assert isinstance(objects, LocalStorage)
    return [path.name for path in objects.path(size_key("x")).parent.glob(f"{upload.id}-*")]


async def test_sizes_are_made_and_removed_with_the_picture(
    world: World, api: Client, transactions: Transactions, objects: ObjectStorage, work: Work
) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner)
    upload = await new_picture(world, objects, owner)
    client = api.signed_in(owner)
    logo = {"vendorId": gid(vendor), "logo": {"uploadId": gid(upload)}}
    assert await client.refusal_codes("updateVendor", logo) == []
    await have_made(transactions, upload)
    await work()
    row = await sizes_of(world.database, upload)
    made = row.list_sizes()
    assert row.state is PictureState.READY
    assert [size.width for size in made] == [160] * 3 + [320] * 3 + [400] * 3
    assert row.bytes == sum(size.bytes for size in made)
    for size in made:
        content = await objects.read(size_key(size.name), 10**6)
        assert content is not None
        assert len(content) == size.bytes
    assert sorted({size.name for size in made}) == sorted(stored_names(objects, upload))
    removed = {"vendorId": gid(vendor), "logo": None}
    assert await client.refusal_codes("updateVendor", removed) == []
    await work()
    assert stored_names(objects, upload) == []
    assert await world.fresh(upload) is None
    async with world.database.session() as session:
        assert await session.get(PictureSizes, upload.id) is None


async def test_the_uploader_is_told_once(
    world: World,
    transactions: Transactions,
    objects: ObjectStorage,
    work: Work,
    defer: Defer,
) -> None:
    """A job that runs twice keeps the sizes, and has its effect once."""
    owner = await world.user()
    upload = await new_picture(world, objects, owner, attached_at=now())
    await have_made(transactions, upload)
    await defer("size_picture", upload_id=upload.id)
    await work()
    assert stored_names(objects, upload) != []
    async with world.database.session() as session:
        entries = (await session.exec(select(JournalEntry))).all()
    assert [entry.kind for entry in entries] == ["picture.sized"]


@pytest.mark.parametrize("file", [TEXT, picture("JPEG", (400, 300))[:600], picture("AVIF")])
async def test_a_picture_that_cannot_be_decoded_fails(
    world: World, transactions: Transactions, objects: ObjectStorage, work: Work, file: bytes
) -> None:
    upload = await new_picture(world, objects, await world.user(), file, attached_at=now())
    await have_made(transactions, upload)
    await work()
    row = await sizes_of(world.database, upload)
    assert (row.state, row.list_sizes(), row.blurhash) == (PictureState.FAILED, [], None)


async def test_an_original_that_is_gone_fails(
    world: World, transactions: Transactions, work: Work
) -> None:
    upload = await world.picture(await world.user(), attached_at=now(), key="public/gone")
    await have_made(transactions, upload)
    await work()
    assert (await sizes_of(world.database, upload)).state is PictureState.FAILED


async def test_an_outage_is_retried(
    world: World,
    transactions: Transactions,
    objects: ObjectStorage,
    work: Work,
    monkeypatch: pytest.MonkeyPatch,
    defer: Defer,
) -> None:
    upload = await new_picture(world, objects, await world.user(), attached_at=now())
    await have_made(transactions, upload)

    async def unavailable(_: bytes) -> None:
        raise SandboxUnavailable

    with monkeypatch.context() as patched:
        patched.setattr(pictures, "make_sizes_in_sandbox", unavailable)
        await work()
    assert (await sizes_of(world.database, upload)).state is PictureState.PENDING
    await defer("size_picture", upload_id=upload.id)  # the retry is due in three seconds
    await work()
    assert (await sizes_of(world.database, upload)).state is PictureState.READY


async def test_sizes_of_a_picture_that_is_removed_meanwhile_are_removed(
    world: World,
    transactions: Transactions,
    objects: ObjectStorage,
    work: Work,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The clean-up has removed the objects before the job wrote them."""
    upload = await new_picture(world, objects, await world.user(), attached_at=now())
    await have_made(transactions, upload)

    async def remove_meanwhile(file: bytes) -> Any:
        async with transactions.begin() as session:
            (await session.get_one(Upload, upload.id)).release()
        return await make_sizes_in_sandbox(file)

    monkeypatch.setattr(pictures, "make_sizes_in_sandbox", remove_meanwhile)
    await work()
    assert (await sizes_of(world.database, upload)).state is PictureState.PENDING
    assert stored_names(objects, upload) == []


async def test_sizes_of_older_pictures_are_made_in_batches(
    world: World,
    objects: ObjectStorage,
    work: Work,
    defer: Defer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sizes, "BATCH_SIZE", 2)
    owner = await world.user()
    old = [
        await new_picture(world, objects, owner, picture(size=(9, 9)), attached_at=now())
        for _ in range(5)
    ]
    loose = await new_picture(world, objects, owner)
    chat = await world.upload(owner)
    await defer("size_missing_pictures", timestamp=0)
    await work()
    for upload in old:
        assert (await sizes_of(world.database, upload)).state is PictureState.READY
    async with world.database.session() as session:
        for upload in (loose, chat):
            assert await session.get(PictureSizes, upload.id) is None


async def test_sizes_that_stay_pending_are_given_up(
    world: World, transactions: Transactions
) -> None:
    owner = await world.user()
    old, new = [await world.picture(owner, attached_at=now()) for _ in range(2)]
    await world.save(
        PictureSizes(upload_id=old.id, created_at=now() - sizes.PENDING_TIME),
        PictureSizes(upload_id=new.id),
    )
    async with transactions.begin() as session:
        for task in sizes.CLEANUP:
            assert not await task(session, 7)
    assert (await sizes_of(world.database, old)).state is PictureState.FAILED
    assert (await sizes_of(world.database, new)).state is PictureState.PENDING


async def test_sizes_of_a_released_picture_count_as_held(world: World, api: Client) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner)
    logo = await world.picture(owner, attached_at=now())
    await world.save(
        VendorImage(vendor_id=vendor.id, kind=VendorImageKind.LOGO, upload_id=logo.id),
        PictureSizes(upload_id=logo.id, state=PictureState.FAILED, bytes=100 * 1024 * 1024),
    )
    client = api.signed_in(owner)
    announced = {"fileName": "a.png", "contentType": "image/png", "size": 9, "purpose": "PICTURE"}
    assert await client.refusal_codes("createUpload", announced) == []
    assert await client.refusal_codes("updateVendor", {"vendorId": gid(vendor), "logo": None}) == []
    assert await client.refusal_codes("createUpload", announced) == ["UPLOAD_LIMIT_REACHED"]
