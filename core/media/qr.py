"""QR codes as SVG and PNG."""

from functools import lru_cache
from io import BytesIO
from typing import Any

import qrcode
from qrcode.constants import ERROR_CORRECT_M
from qrcode.image.pure import PyPNGImage
from qrcode.image.svg import SvgPathImage

MASK = 4  # all eight masks are valid; choosing the best one would take most of the time


@lru_cache(maxsize=512)
def svg(text: str) -> str:
    """Return an `<svg>` element with a quiet zone of four modules."""
    image = _code(text).make_image(image_factory=SvgPathImage)
    return str(image.to_string(encoding="unicode"))


@lru_cache(maxsize=128)
def png(text: str) -> bytes:
    """Return a PNG with eight pixels per module."""
    buffer = BytesIO()
    _code(text).make_image(image_factory=PyPNGImage).save(buffer)
    return buffer.getvalue()


def _code(text: str) -> "qrcode.QRCode[Any]":
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, box_size=8, border=4, mask_pattern=MASK)
    code.add_data(text)
    code.make()
    return code
