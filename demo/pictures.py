"""Draws the pictures of the demo data."""

import colorsys
from functools import cache
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

from demo.rng import SeededRandom

LOGO_SIZE, COVER_SIZE, DOCUMENT_SIZE = (128, 128), (640, 360), (300, 424)
HUES = 24
Color = tuple[int, int, int]


@cache
def draw_cover(number: int) -> bytes:
    """Return one of 24 pictures: a wall of its colour, a table, and round things on it."""
    rng, (width, height) = SeededRandom(number), COVER_SIZE
    image = Image.new("RGB", COVER_SIZE, _color(number, 0.35, 0.95))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, height * 0.62, width, height), _color(number + 12, 0.3, 0.75))
    for _ in range(9):
        radius, x = rng.randint(24, 70), rng.randint(0, width)
        y = rng.randint(int(height * 0.45), int(height * 0.8))
        shade = _color(number + rng.randint(-3, 3), rng.uniform(0.4, 0.8), rng.uniform(0.6, 0.95))
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), shade)
    return _encode(image, "JPEG", quality=70)


def draw_logo(name: str) -> bytes:
    """Return the initials of a name on a round sign."""
    initials = "".join(word[0] for word in name.split()[:2]).upper()
    return _draw_sign(sum(name.encode()) % HUES, initials)


def draw_document(name: str) -> bytes:
    """Return a scan of a licence with the name of a business."""
    image = Image.new("L", DOCUMENT_SIZE, "white")
    draw = ImageDraw.Draw(image)
    draw.text((30, 40), "Business licence", "black", ImageFont.load_default(20))
    draw.text((30, 80), name, "black", ImageFont.load_default(14))
    for y in range(130, 380, 18):
        draw.line((30, y, DOCUMENT_SIZE[0] - 30, y), "gray")
    return _encode(image, "PNG")


@cache
def _draw_sign(number: int, initials: str) -> bytes:
    image = Image.new("RGB", LOGO_SIZE, "white")
    draw = ImageDraw.Draw(image)
    draw.ellipse((2, 2, 125, 125), _color(number, 0.6, 0.6))
    draw.text((64, 64), initials, "white", _font(), anchor="mm")
    return _encode(image, "PNG")


@cache
def _font() -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(52)  # reading it takes longer than drawing


def _color(number: int, saturation: float, value: float) -> Color:
    red, green, blue = colorsys.hsv_to_rgb((number % HUES) / HUES, saturation, value)
    return int(red * 255), int(green * 255), int(blue * 255)


def _encode(image: Image.Image, format: str, **options: object) -> bytes:
    file = BytesIO()
    image.save(file, format, **options)
    return file.getvalue()
