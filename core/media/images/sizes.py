"""Makes smaller copies of a picture, in formats that browsers choose from, without metadata."""

from collections.abc import Iterator
from contextlib import suppress
from io import BytesIO
from typing import Any

import blurhash
from PIL import Image, ImageCms

from core.media.file_types import (
    AVIF,
    DECODE_ERRORS,
    JPEG,
    WEBP,
    PictureCopy,
    SizedPicture,
    UnacceptableFile,
    UploadRejectionReason,
    image_type,
)
from core.media.images.inspection import ensure_pixels, open_image, orientation

# Each copy fits in a square of these pixels, as `object-fit: contain`. None is enlarged.
EDGES = (160, 320, 640, 1280)
BLURHASH_EDGE = 32
BLURHASH_COMPONENTS = (4, 3)  # of a wide picture; as many in the other direction of a tall one
# AVIF of 1280 pixels of noise takes 1.7 s of CPU time at speed 6, and half of it again at 5.
# More threads would each take address space, which is limited.
OPTIONS: dict[str, tuple[str, dict[str, Any]]] = {
    AVIF: ("AVIF", {"quality": 60, "speed": 6, "max_threads": 1}),
    WEBP: ("WEBP", {"quality": 78, "method": 4}),
    JPEG: ("JPEG", {"quality": 80, "optimize": True, "progressive": True}),
}
# Exif 2.3, tag 0x0112.
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
SRGB = ImageCms.createProfile("sRGB")
WITH_ALPHA = {"RGBA", "LA", "PA"}


def make_sizes(file: bytes) -> SizedPicture:
    """Return the copies of a picture, or of its first frame. Raises `UnacceptableFile`.

    The pixels are rotated as the orientation states, and converted to sRGB.
    """
    try:
        with open_image(file) as image:
            ensure_pixels(image, image_type(file) or "")
            largest = _upright(image)
        return SizedPicture(_blurhash(largest), list(_copies(largest)))
    except Image.DecompressionBombError as error:
        raise UnacceptableFile(UploadRejectionReason.PIXELS) from error
    except DECODE_ERRORS as error:
        raise UnacceptableFile(UploadRejectionReason.DAMAGED) from error


def _upright(image: Image.Image) -> Image.Image:
    """Return the largest copy: RGB, or RGBA if it is transparent. Decodes no more than needed.

    What needs many pixels comes last: a copy of 64 million takes 256 MB.
    """
    turn = TURNS.get(orientation(image))
    profile = image.info.get("icc_profile")
    image.draft(None, (EDGES[-1], EDGES[-1]))
    continuous = _continuous(image)
    continuous.thumbnail((EDGES[-1], EDGES[-1]), Image.Resampling.LANCZOS)
    converted = _to_srgb(continuous, profile)
    converted.info = {}  # Pillow would write its metadata
    return converted if turn is None else converted.transpose(turn)


def _continuous(image: Image.Image) -> Image.Image:
    """Return the image in a mode in which pixels can be averaged."""
    if image.has_transparency_data:
        return image if image.mode == "RGBA" else image.convert("RGBA")
    if image.mode in {"L", "RGB", "CMYK"}:
        image.load()
        return image
    return image.convert("L" if image.mode[0] in "1IF" else "RGB")


def _to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Return the image in sRGB, as far as its profile is usable."""
    mode = "RGBA" if image.mode in WITH_ALPHA else "RGB"
    if profile:
        with suppress(ImageCms.PyCMSError, *DECODE_ERRORS):
            given = ImageCms.ImageCmsProfile(BytesIO(profile))
            converted = ImageCms.profileToProfile(image, given, SRGB, outputMode=mode)
            if converted is not None:
                return converted
    return image.convert(mode)


def _copies(largest: Image.Image) -> Iterator[PictureCopy]:
    """Yield each size in each format. A picture that is smaller than an edge has one size less."""
    seen: set[tuple[int, int]] = set()
    for edge in EDGES:
        copy = largest.copy()
        copy.thumbnail((edge, edge), Image.Resampling.LANCZOS)
        if copy.size in seen:
            continue
        seen.add(copy.size)
        for type in OPTIONS:
            yield PictureCopy(*copy.size, type, _encode(copy, type))


def _encode(image: Image.Image, type: str) -> bytes:
    format, options = OPTIONS[type]
    file = BytesIO()
    (_on_white(image) if type == JPEG else image).save(file, format, **options)
    return file.getvalue()


def _on_white(image: Image.Image) -> Image.Image:
    """Return the image without transparency, which JPEG and previews lack."""
    if image.mode == "RGB":
        return image
    ground = Image.new("RGB", image.size, "white")
    ground.paste(image, mask=image.getchannel("A"))
    return ground


def _blurhash(image: Image.Image) -> str:
    small = _on_white(image).copy()
    small.thumbnail((BLURHASH_EDGE, BLURHASH_EDGE))
    width, height = small.size
    data = small.tobytes()
    pixels = [data[start : start + 3] for start in range(0, len(data), 3)]
    rows = [pixels[row * width : (row + 1) * width] for row in range(height)]
    wide, tall = BLURHASH_COMPONENTS if width >= height else BLURHASH_COMPONENTS[::-1]
    encoded: str = blurhash.encode(rows, components_x=wide, components_y=tall)
    return encoded
