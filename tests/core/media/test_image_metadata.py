"""Removing the metadata of images."""

from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageSequence

from core.media.file_types import UnacceptableFile
from core.media.images.metadata import strip_metadata
from core.media.images.profile import MAX_PROFILE_BYTES
from core.media.inspection import clean_file, inspect_file
from tests.factories.files import ORIENTATION, PROFILE, SIDEWAYS, photograph, picture, sideways
from tests.factories.metadata_files import CANARIES, FILES, noise, saved

EACH_FILE = pytest.mark.parametrize("name", FILES)
WITH_PROFILE = {name for name in FILES if "animated" not in name or name == "animated.webp"}


def opened(file: bytes) -> Image.Image:
    return Image.open(BytesIO(file), formats=["JPEG", "PNG", "GIF", "WEBP"])


def pixels(file: bytes) -> list[bytes]:
    """Return the pixels of each frame; of a JPEG, those of the first image."""
    image = opened(file)
    frames = [image] if image.format in {"JPEG", "MPO"} else ImageSequence.Iterator(image)
    return [frame.convert("RGBA").tobytes() for frame in frames]


@EACH_FILE
def test_only_the_orientation_is_kept(name: str) -> None:
    type, file = FILES[name]
    left = strip_metadata(file, type)
    assert any(canary in file for canary in CANARIES)
    assert [canary for canary in CANARIES if canary in left] == []
    assert b"CANARY" not in left
    image = opened(left)
    orientation = {} if name == "animated.gif" else {ORIENTATION: SIDEWAYS}
    assert dict(image.getexif()) == orientation
    allowed = {"jfif", "jfif_version", "jfif_unit", "jfif_density", "dpi", "exif", "icc_profile"}
    allowed |= {"progressive", "progression", "adobe", "adobe_transform", "transparency"}
    allowed |= {"duration", "loop", "background", "timestamp", "version", "disposal", "blend"}
    allowed |= {"default_image", "extension", "bbox"}
    assert set(image.info) <= allowed


@EACH_FILE
def test_the_image_is_unchanged(name: str) -> None:
    type, file = FILES[name]
    left = strip_metadata(file, type)
    assert pixels(left) == pixels(file)
    before, after = opened(file).info, opened(left).info
    assert after.get("icc_profile") == (PROFILE if name in WITH_PROFILE else None)
    for kept in ("loop", "duration", "icc_profile", "transparency", "dpi"):
        if not name.startswith("second"):
            assert after.get(kept) == before.get(kept), kept
    assert inspect_file(left) == inspect_file(file)
    assert strip_metadata(left, type) == left


@pytest.mark.parametrize("format", ["JPEG", "PNG", "GIF", "WEBP"])
def test_an_image_without_metadata_is_unchanged(format: str) -> None:
    file = picture(format)
    assert clean_file(file)[1] == file


def test_the_kept_exif_is_as_small_as_possible() -> None:
    assert len(strip_metadata(sideways(), "image/jpeg")) == len(picture("JPEG", color="black")) + 36


def test_broken_exif_is_removed() -> None:
    file = photograph().replace(b"Exif\x00\x00MM\x00*", b"Exif\x00\x00MM\xff\xff")
    left = strip_metadata(file, "image/jpeg")
    assert b"CANARY" not in left
    assert pixels(left) == pixels(file)


def test_cmyk_keeps_its_color_transform() -> None:
    file = saved(noise("CMYK"), "JPEG", comment=b"CANARY")
    left = strip_metadata(file, "image/jpeg")
    assert b"CANARY" not in left
    assert opened(left).info["adobe_transform"] == opened(file).info["adobe_transform"]
    assert pixels(left) == pixels(file)


LETTER = b"CANARY: not a profile, but a letter of more than 128 bytes. ".ljust(200, b".")
HUGE = (MAX_PROFILE_BYTES + 1).to_bytes(4) + PROFILE[4:] + bytes(MAX_PROFILE_BYTES)


@pytest.mark.parametrize(
    ("format", "profile"),
    [("JPEG", LETTER), ("PNG", LETTER), ("WEBP", LETTER), ("JPEG", HUGE), ("WEBP", HUGE)],
)
def test_an_unusable_profile_is_removed(format: str, profile: bytes) -> None:
    file = saved(noise(), format, icc_profile=profile)
    left = strip_metadata(file, f"image/{format.lower()}")
    assert "icc_profile" not in opened(left).info
    assert b"CANARY" not in left
    assert pixels(left) == pixels(file)


def test_a_compressed_profile_of_any_size_is_refused() -> None:
    file = saved(noise(), "PNG", icc_profile=HUGE)
    with pytest.raises(UnacceptableFile):
        strip_metadata(file, "image/png")


def test_what_follows_a_profile_is_removed() -> None:
    file = saved(noise(), "PNG", icc_profile=PROFILE + b"CANARY")
    assert opened(strip_metadata(file, "image/png")).info["icc_profile"] == PROFILE


def ends_well(file: bytes) -> None:
    """Check that a file is refused, or cleaned so that cleaning it again changes nothing."""
    try:
        info, left = clean_file(file)
    except UnacceptableFile:
        return
    assert clean_file(left) == (info, left)
    assert b"CANARY tail" not in left


@EACH_FILE
@settings(max_examples=60)
@given(st.data())
@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::PIL.Image.DecompressionBombWarning")
def test_truncated_and_malformed_files_are_refused_or_cleaned(
    name: str, data: st.DataObject
) -> None:
    _, file = FILES[name]
    changed = bytearray(file)
    for _ in range(data.draw(st.integers(0, 8))):
        at = data.draw(st.integers(0, len(changed) - 1))
        changed[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    ends_well(bytes(changed[: data.draw(st.integers(1, len(changed)))]))


@EACH_FILE
@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::PIL.Image.DecompressionBombWarning")
def test_a_file_cut_off_anywhere_is_refused(name: str) -> None:
    type, file = FILES[name]
    complete = len(file) - len(b"CANARY tail")
    for end in range(20, complete, 37):
        try:
            left = strip_metadata(file[:end], type)
        except UnacceptableFile:
            continue
        # Only removed parts were cut off.
        assert left == strip_metadata(file, type)
