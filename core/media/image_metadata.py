"""Removes the metadata of photographs, such as place, time and camera."""

from io import BytesIO

from PIL import ExifTags, Image
from PIL.JpegImagePlugin import JpegImageFile

from core.media.file_types import (
    DECODE_ERRORS,
    UnacceptableFile,
    UploadRejectionReason,
    orientation,
)

METADATA_MARKERS = {"APP1": 0xE1, "APP13": 0xED, "COM": 0xFE}  # Exif and XMP, IPTC, comments
JPEG_QUALITY = 92


def strip_metadata(jpeg: bytes) -> bytes:
    """Return the image without metadata, except its orientation.

    The segments are cut out, so the image data stays identical. Only if the file holds a second
    image (MPO), with its own metadata, is the first one re-encoded.
    """
    with Image.open(BytesIO(jpeg), formats=["JPEG"]) as image:
        exif = Image.Exif()
        if (value := orientation(image)) is not None:
            exif[ExifTags.Base.Orientation] = value
        if not isinstance(image, JpegImageFile) or image.format != "JPEG":
            return strip_metadata(_encode(image, exif))
        found = [(name, payload) for name, payload in image.applist if name in METADATA_MARKERS]
    for name, payload in found:
        jpeg = jpeg.replace(_segment(METADATA_MARKERS[name], payload), b"", 1)
    if found and exif:
        start, rest = jpeg[:2], jpeg[2:]
        return start + _segment(METADATA_MARKERS["APP1"], exif.tobytes()) + rest
    return jpeg


def _segment(marker: int, payload: bytes) -> bytes:
    """Return a segment (ISO/IEC 10918-1, B.1.1.4). The length includes its own two bytes."""
    return bytes((0xFF, marker)) + (len(payload) + 2).to_bytes(2) + payload


def _encode(image: Image.Image, exif: Image.Exif) -> bytes:
    file, profile = BytesIO(), image.info.get("icc_profile")
    try:
        first = image.copy()
        first.info = {}
        first.save(file, "JPEG", quality=JPEG_QUALITY, exif=exif, icc_profile=profile)
    except DECODE_ERRORS as error:
        raise UnacceptableFile(UploadRejectionReason.DAMAGED) from error
    return file.getvalue()
