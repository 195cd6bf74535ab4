"""Removes the metadata of images, such as place, time and camera.

Each format has an allow-list of parts that a viewer needs to draw the image. Everything else is
left out, also what follows the end of the image, such as the film of a motion photo. The image data
is copied, not encoded again, so the pixels are identical.
"""

import struct
from collections.abc import Callable, Mapping

from core.media.file_types import (
    DECODE_ERRORS,
    GIF,
    JPEG,
    PNG,
    WEBP,
    UnacceptableFile,
    UploadRejectionReason,
)
from core.media.images import gif, jpeg, png, webp
from core.media.images.inspection import open_image, orientation

Rewrite = Callable[[bytes, bytes], bytes]

REWRITES: Mapping[str, Rewrite] = {
    GIF: gif.rewrite,
    JPEG: jpeg.rewrite,
    PNG: png.rewrite,
    WEBP: webp.rewrite,
}
MIN_ORIENTATION, MAX_ORIENTATION = 2, 8  # 1 is the default


def strip_metadata(file: bytes, type: str) -> bytes:
    """Return the image with nothing but its pixels, colour profile, animation and orientation.

    Raises `UnacceptableFile` if the file does not follow its format.
    """
    try:
        with open_image(file) as image:
            size, exif = image.size, _encode_orientation(orientation(image))
        stripped = REWRITES[type](file, exif)
        # A decoder skips some errors, and could have found the image elsewhere in the file.
        with open_image(stripped) as image:
            intact = image.size == size
    except DECODE_ERRORS as error:
        raise UnacceptableFile(UploadRejectionReason.DAMAGED) from error
    if not intact:
        raise UnacceptableFile(UploadRejectionReason.DAMAGED)
    return stripped


def _encode_orientation(value: object) -> bytes:
    """Return an Exif block (TIFF 6.0, section 2) with this value only, empty for the default."""
    if not isinstance(value, int) or not MIN_ORIENTATION <= value <= MAX_ORIENTATION:
        return b""
    tag, short, count, first_directory = 0x0112, 3, 1, 8
    header = struct.pack(">2sHI", b"MM", 42, first_directory)
    return header + struct.pack(">HHHIHHI", 1, tag, short, count, value, 0, 0)
