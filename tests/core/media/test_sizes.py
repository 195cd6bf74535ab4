"""Pictures of all kinds get copies: upright, not enlarged, in sRGB, without metadata."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any

import blurhash
import pytest
from PIL import Image, ImageCms

from core.media.file_types import (
    AVIF,
    JPEG,
    WEBP,
    PictureCopy,
    UnacceptableFile,
    UploadRejectionReason,
)
from core.media.images import inspection
from core.media.images.sizes import make_sizes
from core.media.sandbox import make_sizes_in_sandbox
from tests.factories.files import ORIENTATION, photograph, picture

RED, TEAL = (255, 0, 0), (0, 128, 128)


def encoded(image: Image.Image, format: str, **options: Any) -> bytes:
    file = BytesIO()
    image.save(file, format, **options)
    return file.getvalue()


def opened(copy: PictureCopy) -> Image.Image:
    return Image.open(BytesIO(copy.content))


def is_near(found: Any, wanted: Sequence[int], by: int = 12) -> bool:
    return all(abs(one - other) <= by for one, other in zip(found, wanted, strict=False))


async def test_a_picture_gets_four_sizes_in_three_formats() -> None:
    made = await make_sizes_in_sandbox(picture("JPEG", (2000, 1000), "red"))
    sizes = [(160, 80), (320, 160), (640, 320), (1280, 640)]
    found = [((copy.width, copy.height), copy.type) for copy in made.copies]
    assert found == [(size, type) for size in sizes for type in (AVIF, WEBP, JPEG)]
    for copy in made.copies:
        image = opened(copy)
        type = Image.MIME[image.format or ""]
        assert (type, image.size) == (copy.type, (copy.width, copy.height))
        assert is_near(image.convert("RGB").getpixel((9, 9)), RED)
    assert is_near(blurhash.decode(made.blurhash, 1, 1)[0][0], RED)


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ((1, 1), [(1, 1)]),
        ((160, 100), [(160, 100)]),
        ((500, 200), [(160, 64), (320, 128), (500, 200)]),
        ((90, 400), [(36, 160), (72, 320), (90, 400)]),
        ((3000, 1), [(160, 1), (320, 1), (640, 1), (1280, 1)]),
    ],
)
def test_no_copy_is_enlarged(given: tuple[int, int], wanted: list[tuple[int, int]]) -> None:
    copies = make_sizes(picture(size=given)).copies
    assert [(copy.width, copy.height) for copy in copies[::3]] == wanted


@pytest.mark.parametrize("turn", range(1, 9))
def test_copies_are_upright_and_have_no_metadata(turn: int) -> None:
    """The camera wrote the upright picture, red on the left, turned as it notes."""
    upright = Image.new("RGB", (60, 40), "teal")
    upright.paste("red", (0, 0, 30, 40))
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    exif = Image.Exif()
    exif[ORIENTATION] = turn
    stored = upright.transpose(undo[turn]) if turn in undo else upright
    for copy in make_sizes(encoded(stored, "PNG", exif=exif)).copies:
        image = opened(copy)
        assert image.size == (60, 40)
        assert is_near(image.convert("RGB").getpixel((10, 20)), RED)
        assert is_near(image.convert("RGB").getpixel((50, 20)), TEAL)
        assert not image.getexif()


def test_metadata_of_photographs_is_dropped() -> None:
    for copy in make_sizes(photograph()).copies:
        assert b"CANARY" not in copy.content
        assert opened(copy).info.keys().isdisjoint({"exif", "xmp", "comment", "icc_profile"})


def test_an_animation_gets_copies_of_its_first_frame() -> None:
    first, second = (Image.new("RGB", (40, 30), color) for color in ("red", "teal"))
    for format in ("GIF", "WEBP", "PNG"):
        file = encoded(first, format, save_all=True, append_images=[second], duration=100)
        for copy in make_sizes(file).copies:
            image = opened(copy)
            assert getattr(image, "n_frames", 1) == 1
            assert is_near(image.convert("RGB").getpixel((9, 9)), RED)


def test_transparent_pixels_stay_and_are_white_in_jpeg() -> None:
    for mode in ("RGBA", "LA", "P"):
        clear = Image.new("RGBA", (40, 30), (0, 0, 0, 0)).convert(mode)
        options = {"transparency": clear.getpixel((0, 0))} if mode == "P" else {}
        for copy in make_sizes(encoded(clear, "PNG", **options)).copies:
            pixel = opened(copy).convert("RGBA").getpixel((9, 9))
            if copy.type == JPEG:
                assert is_near(pixel, (255, 255, 255, 255))
            else:
                assert isinstance(pixel, tuple)
                assert pixel[3] == 0


@pytest.mark.parametrize(
    "image",
    [
        Image.new("1", (40, 30), 1),
        Image.new("L", (40, 30), 255),
        Image.new("I;16", (40, 30), 65_535),
        Image.new("CMYK", (40, 30), (0, 0, 0, 0)),
    ],
    ids=lambda image: str(image.mode),
)
def test_pixels_of_every_kind_are_converted(image: Image.Image) -> None:
    file = encoded(image, "JPEG" if image.mode == "CMYK" else "PNG")
    for copy in make_sizes(file).copies:
        assert is_near(opened(copy).convert("RGB").getpixel((9, 9)), (255, 255, 255))


def test_colors_are_converted_to_srgb_by_a_profile_that_is_usable() -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    red = Image.new("RGB", (40, 30), "red")
    for profile in (lab, b"no profile"):  # of another color space, and damaged: not used
        for copy in make_sizes(encoded(red, "JPEG", icc_profile=profile)).copies:
            assert is_near(opened(copy).convert("RGB").getpixel((9, 9)), RED)


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        (picture("JPEG", (400, 300))[:600], UploadRejectionReason.DAMAGED),
        (picture("PNG")[:60], UploadRejectionReason.DAMAGED),
        (picture("AVIF"), UploadRejectionReason.DAMAGED),
        (b"", UploadRejectionReason.DAMAGED),
    ],
    ids=["cut JPEG", "cut PNG", "AVIF", "empty"],
)
def test_files_that_cannot_be_decoded(file: bytes, reason: UploadRejectionReason) -> None:
    """AVIF files are not accepted by uploads, so their decoder is not reached here either."""
    with pytest.raises(UnacceptableFile) as refused:
        make_sizes(file)
    assert refused.value.rejection_reason is reason


def test_a_decompression_bomb_is_refused_before_it_is_decoded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(inspection, "MAX_PIXELS", 999)
    monkeypatch.setattr(Image.Image, "thumbnail", lambda *_: pytest.fail("it was decoded"))
    with pytest.raises(UnacceptableFile) as refused:
        make_sizes(picture(size=(100, 10)))
    assert refused.value.rejection_reason is UploadRejectionReason.PIXELS


async def test_the_largest_picture_fits_in_the_memory_of_the_sandbox() -> None:
    made = await make_sizes_in_sandbox(encoded(Image.new("P", (8000, 8000)), "PNG", transparency=0))
    assert len(made.copies) == 12
