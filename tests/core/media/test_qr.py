"""QR codes as SVG: the same modules as the library's, in few bytes."""

import re
from uuid import uuid4
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st
from qrcode import QRCode
from qrcode.constants import ERROR_CORRECT_M

from core.media import qr
from core.security.signing_keys import SigningKeys

STEP = re.compile(r"M(\d+) (\d+)|m(\d+) 0|h(\d+)")


def modules(svg: str) -> list[list[bool]]:
    """Return the modules that the second path of the SVG draws."""
    root = ElementTree.fromstring(svg)
    size = int(root.attrib["viewBox"].split()[-1])
    drawn = [[False] * size for _ in range(size)]
    column = row = 0
    for step in STEP.finditer(root[1].attrib["d"]):
        start, line, skip, length = (int(part) if part else None for part in step.groups())
        if start is not None and line is not None:
            column, row = start, line
        for _ in range(length or 0):
            drawn[row][column] = True
            column += 1
        column += skip or 0
    return drawn


@given(st.text(min_size=1, max_size=300))
def test_svg_draws_the_modules_of_the_code(text: str) -> None:
    code = QRCode(error_correction=ERROR_CORRECT_M, border=4, mask_pattern=qr.MASK)
    code.add_data(text)
    code.make()
    assert modules(qr.svg(text)) == code.get_matrix()


def test_svg_of_a_voucher_has_about_6_kb() -> None:
    keys = SigningKeys.generate()
    sizes = [len(qr.svg(keys.sign_voucher(uuid4(), 1))) for _ in range(20)]
    assert sum(sizes) / len(sizes) <= 6_144
