"""QR codes as SVG and PNG."""

from functools import lru_cache
from io import BytesIO
from itertools import groupby
from typing import Any

import qrcode
from qrcode.constants import ERROR_CORRECT_M
from qrcode.image.pure import PyPNGImage

PIXELS = 8  # per module
MASK = 4  # all eight masks are valid; choosing the best one would take most of the time


SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="{pixels}" height="{pixels}"'
    ' viewBox="0 -.5 {size} {size}" shape-rendering="crispEdges">'
    '<path fill="#fff" d="M0-.5h{size}v{size}H0z"/><path stroke="#000" d="{path}"/></svg>'
)


@lru_cache(maxsize=512)
def svg(text: str) -> str:
    """Return an `<svg>` element with a quiet zone of four modules, on white.

    Runs of dark modules are one line each: about 6 KB instead of 45 KB for a path per module.
    A QR code holds at most 2,953 bytes; longer texts raise an error, which is not cached.
    """
    rows = _code(text).get_matrix()
    lines = (_line(row, place) for place, row in enumerate(rows) if any(row))
    return SVG.format(size=len(rows), pixels=PIXELS * len(rows), path="".join(lines))


@lru_cache(maxsize=128)
def png(text: str) -> bytes:
    """Return a PNG with eight pixels per module. `text` has at most 2,953 bytes, as in `svg`."""
    buffer = BytesIO()
    _code(text).make_image(image_factory=PyPNGImage).save(buffer)
    return buffer.getvalue()


def matrix(text: str) -> list[list[bool]]:
    """Return the modules row by row, dark ones as true, with the quiet zone."""
    return _code(text).get_matrix()


def _line(row: list[bool], place: int) -> str:
    """Draw the dark runs of a row as SVG path commands: move over light, draw over dark.

    The quiet zone makes the first and the last run light.
    """
    (_, margin), *runs = [(dark, len(list(run))) for dark, run in groupby(row)]
    steps = (f"h{length}" if dark else f"m{length} 0" for dark, length in runs[:-1])
    return f"M{margin} {place}{''.join(steps)}"


def _code(text: str) -> "qrcode.QRCode[Any]":
    code = qrcode.QRCode(
        error_correction=ERROR_CORRECT_M, box_size=PIXELS, border=4, mask_pattern=MASK
    )
    code.add_data(text)
    code.make()
    return code
