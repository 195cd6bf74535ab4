"""Removing the metadata of photographs."""

from io import BytesIO

import pytest
from PIL import Image

from core.media.file_types import inspect_file
from core.media.image_metadata import strip_metadata
from tests.factories.files import ORIENTATION, PROFILE, SIDEWAYS, photograph, picture


def opened(file: bytes) -> Image.Image:
    return Image.open(BytesIO(file), formats=["JPEG"])


@pytest.mark.parametrize("format", ["JPEG", "MPO"])
def test_only_the_orientation_is_kept(format: str) -> None:
    file = photograph(format)
    assert b"CANARY" in file
    left = strip_metadata(file)
    assert b"CANARY" not in left
    assert dict(opened(left).getexif()) == {ORIENTATION: SIDEWAYS}
    assert opened(left).info["icc_profile"] == PROFILE
    assert inspect_file(left) == inspect_file(file)
    assert strip_metadata(left) == left


def test_the_image_data_is_unchanged() -> None:
    file = photograph()
    assert opened(strip_metadata(file)).tobytes() == opened(file).tobytes()


def test_a_photograph_without_metadata_is_unchanged() -> None:
    file = picture("JPEG")
    assert strip_metadata(file) == file


def test_broken_exif_is_removed() -> None:
    file = photograph().replace(b"Exif\x00\x00MM\x00*", b"Exif\x00\x00MM\xff\xff")
    left = strip_metadata(file)
    assert b"CANARY" not in left
    assert opened(left).tobytes() == opened(file).tobytes()
