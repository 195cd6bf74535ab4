"""Images with every kind of metadata that their formats know; each holds a canary."""

import zlib
from collections.abc import Callable
from io import BytesIO
from typing import Any

from PIL import ExifTags, Image

from tests.factories.files import PROFILE, SIDEWAYS, photograph

CANARIES = [f"CANARY {what}".encode() for what in ("place", "words", "camera", "tail", "other")]
PLACE, WORDS, CAMERA, TAIL, OTHER = CANARIES


def exif() -> Image.Exif:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation], exif[ExifTags.Base.Make] = SIDEWAYS, CAMERA.decode()
    exif.get_ifd(ExifTags.IFD.GPSInfo).update({1: "N", 2: (52.0, 1.0, 2.0), 29: PLACE.decode()})
    return exif


def noise(mode: str = "RGB", seed: int = 60) -> Image.Image:
    return Image.effect_noise((40, 30), seed).convert(mode)


def saved(image: Image.Image, format: str, **options: Any) -> bytes:
    file = BytesIO()
    image.save(file, format, **options)
    return file.getvalue()


def jpeg(**options: Any) -> bytes:
    """Return a motion photo: a film follows the image, and all application segments are used."""
    words = {"xmp": b"<x>" + PLACE + b"</x>", "comment": WORDS}
    start = saved(noise(), "JPEG", exif=exif(), icc_profile=PROFILE, **words, **options)
    other = b"".join(
        bytes((0xFF, marker)) + (len(OTHER) + 2).to_bytes(2) + OTHER
        for marker in [*range(0xE0, 0xF0), 0xFE]
    )
    return start[:2] + other + start[2:] + b"\x00\x00\x00\x18ftypmp42" + TAIL


def png_chunk(kind: bytes, data: bytes) -> bytes:
    return len(data).to_bytes(4) + kind + data + zlib.crc32(kind + data).to_bytes(4)


def png(mode: str = "RGBA") -> bytes:
    file = saved(noise(mode), "PNG", exif=exif(), icc_profile=PROFILE)
    kinds = {b"tEXt": b"Comment\x00" + WORDS, b"zTXt": b"x\x00\x00" + zlib.compress(WORDS)}
    kinds |= {b"iTXt": b"XML:com.adobe.xmp\x00\x00\x00\x00\x00" + PLACE, b"prVt": OTHER}
    kinds |= {b"tIME": b"\x07\xea\x01\x01\x01\x01\x01"}
    return (
        file[:33] + b"".join(png_chunk(kind, data) for kind, data in kinds.items()) + file[33:]
    ) + TAIL


def animated_png() -> bytes:
    frames = {"save_all": True, "append_images": [noise(seed=9)], "duration": 50}
    return saved(noise(), "PNG", exif=exif(), **frames) + TAIL


def gif_extension(label: int, *blocks: bytes) -> bytes:
    return bytes((0x21, label)) + b"".join(bytes((len(b),)) + b for b in blocks) + b"\x00"


def gif() -> bytes:
    frames = {"save_all": True, "append_images": [noise("P", 9)], "duration": 50, "loop": 3}
    file = saved(noise("P"), "GIF", comment=WORDS, **frames)
    xmp = gif_extension(0xFF, b"XMP DataXMP", PLACE)
    return file[:-1] + xmp + gif_extension(0xFE, OTHER) + file[-1:] + TAIL


def webp(**options: Any) -> bytes:
    xmp = b"<x>" + PLACE + b"</x>"
    file = saved(noise("RGBA"), "WEBP", exif=exif(), xmp=xmp, icc_profile=PROFILE, **options)
    more = b"CAMR" + len(OTHER).to_bytes(4, "little") + OTHER + b"\x00" * (len(OTHER) % 2)
    return b"RIFF" + (len(file) + len(more) - 8).to_bytes(4, "little") + file[8:] + more + TAIL


def animated_webp() -> bytes:
    return webp(save_all=True, append_images=[noise("RGBA", 9)], duration=50)


MAKERS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "photo.jpg": ("image/jpeg", jpeg),
    "progressive.jpg": ("image/jpeg", lambda: jpeg(progressive=True)),
    "second.jpg": ("image/jpeg", lambda: photograph("MPO") + TAIL),
    "picture.png": ("image/png", png),
    "palette.png": ("image/png", lambda: png("P")),
    "animated.png": ("image/png", animated_png),
    "animated.gif": ("image/gif", gif),
    "photo.webp": ("image/webp", webp),
    "lossless.webp": ("image/webp", lambda: webp(lossless=True)),
    "animated.webp": ("image/webp", animated_webp),
}
FILES = {name: (type, make()) for name, (type, make) in MAKERS.items()}
