"""Files that are merged into one document."""

import random
from io import BytesIO

import pikepdf
import pytest
from PIL import Image

from core.media.file_types import UnacceptableFile
from core.media.merging import MAX_MERGED_BYTES, MAX_MERGED_PAGES, merge_files
from core.media.sandbox import merge_in_sandbox


def pdf(pages: int, noise: int = 0) -> bytes:
    content = BytesIO()
    with pikepdf.new() as document:
        for _ in range(pages):
            document.add_blank_page()
        if noise:
            document.Root.Noise = pikepdf.Stream(document, random.Random(1).randbytes(noise))
            document.pages[0].Noise = document.Root.Noise
        document.save(content)
    return content.getvalue()


def picture(kind: str, width: int = 300, *, noise: bool = False) -> bytes:
    size, content = (width, width), BytesIO()
    image = Image.new("RGB", size, "teal")
    if noise:
        image = Image.frombytes("RGB", size, random.Random(1).randbytes(3 * width * width))
    image.save(content, kind)
    return content.getvalue()


async def test_pictures_and_documents_are_pages_in_their_order() -> None:
    files = [picture("PNG"), pdf(2), picture("JPEG"), picture("GIF")]
    merged = await merge_in_sandbox(files)
    with pikepdf.open(BytesIO(merged)) as document:
        assert len(document.pages) == 5
        pictures = ["/XObject" in page.resources for page in document.pages]
        assert pictures == [True, False, False, True, True]
    assert merge_files(files) == merge_files(files)


def test_no_more_pages_than_banks_take() -> None:
    with pikepdf.open(BytesIO(merge_files([pdf(40), pdf(40), picture("PNG")]))) as document:
        assert len(document.pages) == MAX_MERGED_PAGES


def test_pictures_are_made_smaller_until_they_fit() -> None:
    files = [picture("JPEG", 1_500, noise=True)] * 4
    assert sum(map(len, files)) > 4_000_000
    assert len(merge_files(files)) <= MAX_MERGED_BYTES


def test_what_is_damaged_or_never_fits_is_refused() -> None:
    for files in ([b"%PDF-1.7 nothing"], [picture("PNG")[:100]], [pdf(1, MAX_MERGED_BYTES)]):
        with pytest.raises(UnacceptableFile):
            merge_files(files)
