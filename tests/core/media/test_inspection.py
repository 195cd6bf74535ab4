"""Detecting file types by content."""

import random
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from core.media.file_types import DOCX, FileInfo, UnacceptableFile, UploadRejectionReason
from core.media.inspection import inspect_file
from tests.factories.files import PAGE, TAKEN, TEXT, archive, office, pdf, picture, sideways

PNG = picture("PNG")
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'


def beginning(file: bytes) -> str:
    return repr(file[:16])


def rejection_reason(file: bytes) -> UploadRejectionReason:
    with pytest.raises(UnacceptableFile) as unfit:
        inspect_file(file)
    return unfit.value.rejection_reason


@pytest.mark.parametrize("type", TAKEN)
def test_each_accepted_type_is_detected(type: str) -> None:
    found = inspect_file(TAKEN[type])
    size = (40, 30) if type.startswith("image/") else (None, None)
    assert found == FileInfo(type, *size)


def test_image_size_is_the_size_after_rotation() -> None:
    assert inspect_file(sideways()) == FileInfo("image/jpeg", width=30, height=40)


def test_a_photograph_followed_by_a_second_image_is_accepted() -> None:
    """Cameras append a second image or a video."""
    assert inspect_file(picture("JPEG") * 2).type == "image/jpeg"


@pytest.mark.parametrize(
    "file",
    [
        PAGE,
        b"\xef\xbb\xbf \n\t" + PAGE,
        b"Hello! <SCRIPT>alert(1)</SCRIPT>",
        SVG,
        b'<?xml version="1.0"?>' + SVG,
        b"#!/bin/sh\nrm -rf /\n",
        b"MZ" + bytes(200),
        b"\x7fELF" + bytes(200),
        b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(200),
        b"%!PS-Adobe-3.0\n\x04",
        b"A text with a bell\x07.",
        TEXT.decode().encode("utf-16"),
        b"\x93Windows\x94",
        archive(**{"run.exe": b"MZ"}),
        archive(**{"[Content_Types].xml": "<Types/>"}),
        office(f"{DOCX.removesuffix('document')}macroEnabled"),
        bytes(1000),
        b" %PDF-1.7 in the middle",
    ],
    ids=beginning,
)
def test_other_types_are_rejected(file: bytes) -> None:
    assert rejection_reason(file) is UploadRejectionReason.TYPE


@pytest.mark.parametrize(
    "file",
    [
        PNG + PAGE,
        picture("GIF") + b"<html >",
        picture("JPEG") + archive(**{"a.class": "x"}),
        PNG + archive(**{"a.txt": "x"}),
        picture("GIF")[:-1] + b"%PDF-1.7;",
        b"%PDF-1.7\n<html><script>1</script>\n%%EOF",
        pdf() + archive(**{"a.txt": "x"}),
    ],
    ids=beginning,
)
def test_polyglot_files_are_rejected(file: bytes) -> None:
    assert rejection_reason(file) is UploadRejectionReason.AMBIGUOUS


@pytest.mark.parametrize(
    "file",
    [PNG[:-40], picture("JPEG")[:-200], PNG[:30], pdf()[:-8], office()[:-10], b"GIF89a" + PAGE[:9]],
    ids=beginning,
)
def test_truncated_files_are_damaged(file: bytes) -> None:
    assert rejection_reason(file) is UploadRejectionReason.DAMAGED


@pytest.mark.parametrize("format", ["PNG", "GIF", "JPEG"])
def test_too_many_pixels_are_rejected(format: str) -> None:
    """A few kilobytes that decode to a quarter of a gigabyte."""
    file = BytesIO()
    Image.new("1" if format == "PNG" else "L", (8001, 8000)).save(file, format)
    assert rejection_reason(file.getvalue()) is UploadRejectionReason.PIXELS


def test_a_forged_image_size_is_rejected() -> None:
    huge = bytearray(picture("GIF"))
    huge[6:10] = b"\xff\xff\xff\xff"
    assert rejection_reason(bytes(huge)) is UploadRejectionReason.PIXELS


def test_a_thousand_progressive_scans_are_rejected() -> None:
    """Each scan decodes the whole image."""
    assert rejection_reason(picture("JPEG") + b"\xff\xda" * 1000) is UploadRejectionReason.PIXELS


def test_a_zip_bomb_is_rejected() -> None:
    assert (
        rejection_reason(office(DOCX, bomb=bytes(257 * 1024 * 1024)))
        is UploadRejectionReason.TOO_LARGE
    )


@pytest.mark.parametrize("type", TAKEN)
@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::PIL.Image.DecompressionBombWarning")
def test_mutated_files_raise_nothing_else(type: str) -> None:
    """Bytes are changed, inserted and removed at random."""
    chance, judged = random.Random(type), 0
    for _ in range(200):
        file = bytearray(TAKEN[type])
        for _ in range(chance.choice([1, 2, 10])):
            at = chance.randrange(len(file))
            file[at : at + chance.randrange(3)] = chance.randbytes(chance.randrange(3))
        try:
            inspect_file(bytes(file[: chance.choice([len(file), chance.randrange(len(file))])]))
        except UnacceptableFile:
            judged += 1
    assert judged > 20


def test_a_source_file_is_plain_text() -> None:
    source = Path(__file__).parents[1] / "text/test_text.py"
    assert inspect_file(source.read_bytes()) == FileInfo("text/plain")
