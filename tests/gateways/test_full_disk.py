"""A full disk: uploads are refused, and no part of a file stays."""

import resource
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from core.security.signing_keys import SigningKeys
from core.settings import Settings
from core.sizes import MEGABYTE
from gateways.storage.base import StorageOutOfSpace, StorageUnreachable
from gateways.storage.local import LocalStorage
from tests.client import Client
from tests.factories.files import TEXT
from tests.factories.world import World
from tests.resolvers.uploads.uploader import Uploader, codes, row_id
from tests.web.conftest import called


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """Return a folder on a disk of one megabyte."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("Only root can mount a disk.")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.fixture
def folder(disk: Path, keys: SigningKeys) -> LocalStorage:
    return LocalStorage(disk, "http://haat", keys)


async def parts(size: int) -> AsyncIterator[bytes]:
    for _ in range(size // 1000):
        yield b"x" * 1000


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def test_an_upload_without_space_takes_none(folder: LocalStorage, disk: Path) -> None:
    """The space is taken before the first byte arrives."""
    with pytest.raises(StorageOutOfSpace):
        await folder.receive("incoming/1", parts(2_000_000), 2_000_000)
    with pytest.raises(StorageOutOfSpace):
        await folder.write("kept/1", bytes(2_000_000), "text/plain")
    assert files(disk) == []
    assert await folder.receive("incoming/1", parts(900_000), 900_000)


async def test_space_that_must_stay_free(disk: Path, keys: SigningKeys) -> None:
    folder = LocalStorage(disk, "http://haat", keys, min_free_bytes=MEGABYTE // 2)
    await folder.ensure_space(MEGABYTE // 4)
    with pytest.raises(StorageOutOfSpace):
        await folder.ensure_space(MEGABYTE * 3 // 4)
    with pytest.raises(StorageOutOfSpace):
        await folder.receive("incoming/1", parts(700_000), 700_000)
    assert files(disk) == []
    await folder.write("kept/1", bytes(700_000), "text/plain")


async def test_a_server_starts_with_a_full_disk(folder: LocalStorage, disk: Path) -> None:
    await folder.ensure_usable()
    (disk / "full").write_bytes(bytes(MEGABYTE))
    await folder.ensure_usable()


async def test_a_file_that_is_too_large_for_the_process(tmp_path: Path, keys: SigningKeys) -> None:
    folder = LocalStorage(tmp_path, "http://haat", keys)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, before[1]))
    try:
        with pytest.raises(StorageOutOfSpace):
            await folder.receive("incoming/1", parts(20_000), 20_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert files(tmp_path) == []


async def test_a_folder_that_cannot_be_used(tmp_path: Path, keys: SigningKeys) -> None:
    (tmp_path / "incoming").write_text("not a folder")
    folder = LocalStorage(tmp_path, "http://haat", keys)
    for call in (
        folder.read("incoming/1", 1),
        folder.write("incoming/1", b"x", "text/plain"),
        folder.receive("incoming/1", parts(1000), 1000),
    ):
        with pytest.raises(StorageUnreachable):
            await call


async def test_the_api_with_a_full_disk(
    world: World, settings: Settings, keys: SigningKeys, disk: Path
) -> None:
    """Links are refused; an upload to a link that exists ends with 507; finishing is refused."""
    full = {"objects_folder": disk, "objects_min_free_mb": 0}
    async with called(settings.model_copy(update=full)) as http:
        me = Uploader(Client(http, keys)).of(await world.user())
        sent, unsent = await me.announce(TEXT), await me.announce(bytes(MEGABYTE // 2))
        assert (await me.send(sent, TEXT)).status_code == 200
        ballast = disk / "ballast"
        with pytest.raises(OSError, match="No space left"):
            ballast.write_bytes(bytes(2 * MEGABYTE))
        assert codes(await me.announce(TEXT)) == ["STORAGE_FULL"]
        assert (await me.send(unsent, bytes(MEGABYTE // 2))).status_code == 507
        assert codes(await me.finish(sent)) == ["STORAGE_FULL"]
        ballast.unlink()
        assert (await me.send(unsent, bytes(MEGABYTE // 2))).status_code == 200
        assert codes(await me.finish(sent)) == []
        assert [path.name for path in files(disk) if str(row_id(sent)) in path.name] != []
