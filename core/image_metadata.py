"""What a camera writes into a photograph besides the picture: where it was taken, when, by what."""

from io import BytesIO

from PIL import ExifTags, Image
from PIL.JpegImagePlugin import JpegImageFile

from core.file_types import BROKEN, UnacceptableFile, UploadRejectionReason, orientation

PARTICULARS = {"APP1": 0xE1, "APP13": 0xED, "COM": 0xFE}  # Exif and XMP, IPTC, words
QUALITY = 92


def anonymous(jpeg: bytes) -> bytes:
    """The same picture with nothing of that but how the camera was held.

    The segments are cut out, and the picture stays as it is, bit for bit. Only where a
    second picture lies behind the first, with particulars of its own, the first is
    encoded anew.
    """
    with Image.open(BytesIO(jpeg), formats=["JPEG"]) as image:
        held = Image.Exif()
        if (how := orientation(image)) is not None:
            held[ExifTags.Base.Orientation] = how
        if not isinstance(image, JpegImageFile) or image.format != "JPEG":
            return anonymous(_encoded(image, held))
        found = [(name, payload) for name, payload in image.applist if name in PARTICULARS]
    for name, payload in found:
        jpeg = jpeg.replace(_segment(PARTICULARS[name], payload), b"", 1)
    if found and held:
        start, rest = jpeg[:2], jpeg[2:]
        return start + _segment(PARTICULARS["APP1"], held.tobytes()) + rest
    return jpeg


def _segment(marker: int, payload: bytes) -> bytes:
    """ISO/IEC 10918-1, B.1.1.4: a marker, and a length that counts itself."""
    return bytes((0xFF, marker)) + (len(payload) + 2).to_bytes(2) + payload


def _encoded(image: Image.Image, held: Image.Exif) -> bytes:
    file, profile = BytesIO(), image.info.get("icc_profile")
    try:
        first = image.copy()
        first.info = {}
        first.save(file, "JPEG", quality=QUALITY, exif=held, icc_profile=profile)
    except BROKEN as error:
        raise UnacceptableFile(UploadRejectionReason.DAMAGED) from error
    return file.getvalue()
