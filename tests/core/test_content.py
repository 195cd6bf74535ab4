"""What a file is, told by its content."""

import random
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from core.file_types import DOCX, FileInfo, UnacceptableFile, UploadRejectionReason, inspect_file
from tests.uploads.files import PAGE, TAKEN, TEXT, archive, office, pdf, picture, sideways

PNG = picture("PNG")
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'


def beginning(file: bytes) -> str:
    return repr(file[:16])


def rejection_reason(file: bytes) -> UploadRejectionReason:
    with pytest.raises(UnacceptableFile) as unfit:
        inspect_file(file)
    return unfit.value.rejection_reason


@pytest.mark.parametrize("type", TAKEN)
def test_each_type_that_is_taken_is_told(type: str) -> None:
    found = inspect_file(TAKEN[type])
    size = (40, 30) if type.startswith("image/") else (None, None)
    assert found == FileInfo(type, *size)


def test_a_picture_is_as_large_as_it_is_shown() -> None:
    assert inspect_file(sideways()) == FileInfo("image/jpeg", width=30, height=40)


def test_a_photograph_with_more_behind_it_is_one() -> None:
    """Cameras put a second picture or a film behind the first."""
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
        office(DOCX, **{"word/vbaProject.bin": b"macro"}),
        bytes(1000),
        b" %PDF-1.7 in the middle",
    ],
    ids=beginning,
)
def test_other_types_are_not_taken(file: bytes) -> None:
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
def test_two_types_in_one_file_are_refused(file: bytes) -> None:
    assert rejection_reason(file) is UploadRejectionReason.AMBIGUOUS


@pytest.mark.parametrize(
    "file",
    [PNG[:-40], picture("JPEG")[:-200], PNG[:30], pdf()[:-8], office()[:-10], b"GIF89a" + PAGE[:9]],
    ids=beginning,
)
def test_what_cannot_be_read_to_its_end_is_damaged(file: bytes) -> None:
    assert rejection_reason(file) is UploadRejectionReason.DAMAGED


@pytest.mark.parametrize("format", ["PNG", "GIF", "JPEG"])
def test_a_picture_larger_than_can_be_shown(format: str) -> None:
    """A few kilobytes that would take a quarter of a gigabyte."""
    file = BytesIO()
    Image.new("1" if format == "PNG" else "L", (8001, 8000)).save(file, format)
    assert rejection_reason(file.getvalue()) is UploadRejectionReason.PIXELS


def test_a_picture_that_says_it_is_huge() -> None:
    huge = bytearray(picture("GIF"))
    huge[6:10] = b"\xff\xff\xff\xff"
    assert rejection_reason(bytes(huge)) is UploadRejectionReason.PIXELS


def test_a_photograph_of_a_thousand_passes() -> None:
    """Each would be decoded over the whole picture."""
    assert rejection_reason(picture("JPEG") + b"\xff\xda" * 1000) is UploadRejectionReason.PIXELS


def test_an_archive_that_unpacks_to_too_much() -> None:
    assert (
        rejection_reason(office(DOCX, bomb=bytes(257 * 1024 * 1024)))
        is UploadRejectionReason.TOO_LARGE
    )


@pytest.mark.parametrize("type", TAKEN)
@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::PIL.Image.DecompressionBombWarning")
def test_whatever_is_wrong_with_a_file_it_is_judged(type: str) -> None:
    """Bytes changed, put in and cut off at random: nothing else is raised."""
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


def test_a_file_of_this_house_is_a_text() -> None:
    assert inspect_file(Path(__file__).with_name("test_text.py").read_bytes()) == FileInfo(
        "text/plain"
    )
