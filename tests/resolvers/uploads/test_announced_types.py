"""The announced type is a hint: the content decides."""

from itertools import cycle

import pytest

from core.media.file_types import DOCX, XLSX
from models.uploads import NOT_ACCEPTED
from tests.factories.files import TAKEN, picture
from tests.factories.world import World
from tests.resolvers.uploads.uploader import Uploader

ANY = (
    *("", "application/octet-stream", "APPLICATION/OCTET-STREAM", "application/x-unknown"),
    *("text/html", "image/svg+xml", "VIDEO/MP4; codecs=avc1", "nonsense", "a/b\r\nX: y", "x" * 101),
)
ANNOUNCED = {
    "image/jpeg": ("image/jpg", "image/pjpeg", "Image/JPEG", "image/jpeg; q=1", "image/heic"),
    "image/png": ("image/x-png", "IMAGE/PNG", "image/jpeg"),
    "image/webp": ("image/png", "image/WebP"),
    "image/gif": ("image/jpeg", "IMAGE/gif"),
    "application/pdf": ("application/x-pdf", "text/pdf", "application/PDF", "text/plain"),
    "text/plain": (
        *("application/vnd.ms-excel", "text/csv", "text/csv; charset=utf-8", "application/csv"),
        *("text/comma-separated-values", "text/markdown", "text/x-markdown", "text/x-log"),
        *("application/json", "TEXT/PLAIN;charset=UTF-8"),
    ),
    DOCX: ("application/msword", "application/zip", "application/x-zip-compressed"),
    XLSX: ("application/vnd.ms-excel", "application/zip", DOCX),
}
CASES = [
    *((type, announced) for type in TAKEN for announced in (type, type.upper(), *ANNOUNCED[type])),
    *zip(cycle(TAKEN), ANY, strict=False),
]
ISO_MEDIA = b"\x00\x00\x00\x18ftyp%s\x00\x00\x00\x00mif1heic" + bytes(40)
REFUSED = {
    "photo.heic": ISO_MEDIA % b"heic",
    "photo.avif": picture("AVIF"),
    "menu.pdf": b"%PD-1.7 \xff not one",
    "photo.tiff": picture("TIFF"),
    "page.html": b"<!DOCTYPE html><html><script>1</script></html>",
    "logo.svg": b'<svg xmlns="http://www.w3.org/2000/svg"/>',
}


@pytest.mark.parametrize(("type", "announced"), CASES)
async def test_each_accepted_content_under_each_plausible_announced_type(
    world: World, uploader: Uploader, type: str, announced: str
) -> None:
    finished = await uploader.of(await world.user()).upload(TAKEN[type], contentType=announced)
    assert finished["errors"] == []
    assert finished["upload"]["contentType"] == type


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("type", ["image/jpeg", "text/html"])
async def test_the_refusal_names_the_accepted_types(
    world: World, uploader: Uploader, name: str, type: str
) -> None:
    me = uploader.of(await world.user())
    announced = await me.announce(REFUSED[name], fileName=name, contentType=type)
    assert (await me.send(announced, REFUSED[name])).status_code == 200
    finished = await me.finish(announced)
    assert [error["message"] for error in finished["errors"]] == [NOT_ACCEPTED]
    for accepted in ("JPEG", "PNG", "WebP", "GIF", "PDF", ".docx", ".xlsx", "text", "HEIC"):
        assert accepted in NOT_ACCEPTED
