"""What is left of a photograph: the picture."""

from io import BytesIO

import pytest
from PIL import Image

from core.file_types import inspect_file
from core.image_metadata import strip_metadata
from tests.uploads.files import ORIENTATION, PROFILE, SIDEWAYS, photograph, picture


def opened(file: bytes) -> Image.Image:
    return Image.open(BytesIO(file), formats=["JPEG"])


@pytest.mark.parametrize("format", ["JPEG", "MPO"])
def test_anonymous_says_only_how_the_camera_was_held(format: str) -> None:
    file = photograph(format)
    assert b"CANARY" in file
    left = strip_metadata(file)
    assert b"CANARY" not in left
    assert dict(opened(left).getexif()) == {ORIENTATION: SIDEWAYS}
    assert opened(left).info["icc_profile"] == PROFILE
    assert inspect_file(left) == inspect_file(file)
    assert strip_metadata(left) == left


def test_anonymous_leaves_the_picture_as_it_is() -> None:
    file = photograph()
    assert opened(strip_metadata(file)).tobytes() == opened(file).tobytes()


def test_anonymous_of_what_says_nothing_is_the_same() -> None:
    file = picture("JPEG")
    assert strip_metadata(file) == file


def test_anonymous_although_the_exif_is_broken() -> None:
    file = photograph().replace(b"Exif\x00\x00MM\x00*", b"Exif\x00\x00MM\xff\xff")
    left = strip_metadata(file)
    assert b"CANARY" not in left
    assert opened(left).tobytes() == opened(file).tobytes()
