"""Text on paper: shaped by HarfBuzz, and drawn as outlines of its glyphs.

PDF does not shape, and the functions of reportlab that do leave private characters behind. Outlines
need no font in the file, and look the same in each viewer. Names and addresses come in any script,
so a line is split into runs, each in the first face that has its characters.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

import fontpkg_noto_sans
import fontpkg_noto_sans_arabic
import fontpkg_noto_sans_devanagari
import fontpkg_noto_sans_tamil
import fontpkg_noto_sans_telugu
import uharfbuzz as hb
from bidi.algorithm import get_display
from reportlab.pdfgen.canvas import Canvas
from reportlab.pdfgen.pathobject import PDFPathObject

REGULAR, BOLD = 400, 700  # values of the axis `wght` of the variable faces
PACKAGES = (
    fontpkg_noto_sans,
    fontpkg_noto_sans_devanagari,
    fontpkg_noto_sans_arabic,
    fontpkg_noto_sans_tamil,
    fontpkg_noto_sans_telugu,
)
RIGHT_TO_LEFT = frozenset({"R", "AL"})
INHERITED = frozenset({"NSM", "BN", "WS"})  # marks, joiners and spaces stay in their run
MAX_SCRIPTS = 4_096  # characters whose script is kept
SHARED_SCRIPTS = frozenset({"Zyyy", "Zinh", "Zzzz"})
ELLIPSIS = "…"
VIRAMA = 9  # the combining class of what joins two consonants
JOINER = "\N{ZERO WIDTH JOINER}"
FILL_NON_ZERO = 1  # of reportlab: parts of a glyph that overlap are filled
FORM_EMS = 4  # no glyph is wider or higher


@dataclass(frozen=True)
class Face:
    """A face at a weight, with its characters. An em has so many `units`."""

    name: str
    font: hb.Font
    units: int
    characters: frozenset[int]


class Glyph(NamedTuple):
    """A glyph of a shaped line, at a place in ems from its start."""

    face: Face
    number: int
    x: float
    y: float


@dataclass(frozen=True)
class ShapedLine:
    """A line of text in its visual order. `width` is in ems."""

    glyphs: Sequence[Glyph]
    width: float


class OutlineCanvas(Canvas):
    """A canvas for outlines alone. Others choose a font at the start of each page and form."""

    def _make_preamble(self) -> None:
        self._preamble = "1 0 0 1 0 0 cm"


@cache
def faces(weight: int) -> tuple[Face, ...]:
    """Return the faces at a weight, the one for most languages first."""
    return tuple(_load(Path(package.ROOT), weight) for package in PACKAGES)


def _load(folder: Path, weight: int) -> Face:
    """Load the upright face of a package of fonts."""
    path = next(p for p in sorted((folder / "files").glob("*.ttf")) if "Italic" not in p.name)
    face = hb.Face(hb.Blob.from_file_path(str(path)))
    font = hb.Font(face)
    font.set_variations({"wght": weight})
    return Face(folder.name, font, face.upem, frozenset(face.unicodes))


def shape(text: str, weight: int = REGULAR) -> ShapedLine:
    """Shape a line. Characters that no face has become its box for missing ones."""
    glyphs: list[Glyph] = []
    x = 0.0
    for face, run, backwards in _runs(get_display(unicodedata.normalize("NFC", text)), weight):
        buffer = hb.Buffer()
        buffer.add_str(run[::-1] if backwards else run)
        buffer.guess_segment_properties()  # the script is that of the first letter
        buffer.direction = "rtl" if backwards else "ltr"
        hb.shape(face.font, buffer)
        for info, place in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
            glyphs.append(
                Glyph(
                    face,
                    info.codepoint,
                    x + place.x_offset / face.units,
                    place.y_offset / face.units,
                )
            )
            x += place.x_advance / face.units
    return ShapedLine(glyphs, x)


def _runs(visual: str, weight: int) -> Iterator[tuple[Face, str, bool]]:
    """Split a line in its visual order by face, direction and script.

    Letters of scripts from right to left are in reverse then, and are turned for HarfBuzz, which
    wants them in the order of reading. Brackets were mirrored already, so they stay out of it.
    HarfBuzz shapes a run by the rules of one script, so those of India need runs of their own.
    """
    run, of, script = "", (faces(weight)[0], False), ""
    for character in visual:
        kind, own = unicodedata.bidirectional(character), _script_of(ord(character))
        known = (_face_of(character, of[0], weight), kind in RIGHT_TO_LEFT)
        if kind in INHERITED and (not run or ord(character) in of[0].characters):
            known = of
        if run and (known != of or (own and script and own != script)):
            yield of[0], run, of[1]
            run, script = "", ""
        run, of, script = run + character, known, own or script
    if run:
        yield of[0], run, of[1]


@lru_cache(MAX_SCRIPTS)
def _script_of(point: int) -> str:
    """Return the script of a character, nothing for what all scripts share, such as digits."""
    buffer = hb.Buffer()
    buffer.add_str(chr(point))
    buffer.guess_segment_properties()
    script: str | None = buffer.script
    return "" if script is None or script in SHARED_SCRIPTS else script


def _face_of(character: str, now: Face, weight: int) -> Face:
    """Return the face of the run if it has a character, else the first one that does."""
    candidates = (now, *faces(weight))
    return next((face for face in candidates if ord(character) in face.characters), now)


def fit(text: str, size: float, width: float, weight: int = REGULAR) -> str:
    """Return a line that is cut to a width, with an ellipsis. Sizes are in points."""
    if shape(text, weight).width * size <= width:
        return text
    kept = _count_fitting(text, size, width, weight, ELLIPSIS)
    return text[:kept].rstrip() + ELLIPSIS


def wrap(text: str, size: float, width: float, most: int, weight: int = REGULAR) -> list[str]:
    """Break a text into at most so many lines of a width. The last one is cut."""
    lines: list[str] = []
    for word in text.split():
        for piece in _pieces(word, size, width, weight):
            longer = f"{lines[-1]} {piece}" if lines else piece
            if lines and shape(longer, weight).width * size <= width:
                lines[-1] = longer
            else:
                lines.append(piece)
    if len(lines) > most:
        lines = [*lines[: most - 1], " ".join(lines[most - 1 :])]
    return [fit(line, size, width, weight) for line in lines]


def _pieces(word: str, size: float, width: float, weight: int) -> Iterator[str]:
    """Yield a word, in pieces if it is wider than a line: names in some scripts have no spaces."""
    while shape(word, weight).width * size > width:
        stop = _count_fitting(word, size, width, weight)
        while stop > 1 and _is_joined(word[stop - 1], word[stop]):
            stop -= 1
        if stop < 1:
            break
        yield word[:stop]
        word = word[stop:]
    yield word


def _count_fitting(text: str, size: float, width: float, weight: int, end: str = "") -> int:
    """Return how many characters fit into a width, with an ending."""
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        cut = text[:middle].rstrip() + end
        if shape(cut, weight).width * size <= width:
            low = middle
        else:
            high = middle - 1
    return low


def _is_joined(before: str, after: str) -> bool:
    """Return whether two characters are of one letter, such as a mark or a conjunct."""
    return (
        unicodedata.category(after).startswith("M")
        or unicodedata.combining(before) == VIRAMA
        or JOINER in {before, after}
    )


def draw(canvas: Canvas, text: str, x: float, y: float, size: float, weight: int = REGULAR) -> None:
    """Draw a line from its left end on its base line, in points."""
    for glyph in shape(text, weight).glyphs:
        name = f"{glyph.face.name}-{weight}-{glyph.number}"
        if not canvas.hasForm(name):
            reach = FORM_EMS * glyph.face.units  # a form clips what lies outside
            canvas.beginForm(name, -reach, -reach, reach, reach)
            canvas.drawPath(_outline(canvas, glyph), stroke=0, fill=1, fillMode=FILL_NON_ZERO)
            canvas.endForm()
        scale = size / glyph.face.units
        canvas.saveState()
        canvas.transform(scale, 0, 0, scale, x + glyph.x * size, y + glyph.y * size)
        canvas.doForm(name)
        canvas.restoreState()


def draw_right(
    canvas: Canvas, text: str, x: float, y: float, size: float, weight: int = REGULAR
) -> None:
    """Draw a line that ends at `x`, as numbers in columns do."""
    draw(canvas, text, x - shape(text, weight).width * size, y, size, weight)


def _outline(canvas: Canvas, glyph: Glyph) -> PDFPathObject:
    """Return the outline of a glyph in units of its face.

    The file has it once, however often it is drawn: a page of text is 30 KB then, not 600.
    """
    path = canvas.beginPath()
    pen = hb.DrawFuncs()
    pen.set_move_to_func(lambda x, y, _: path.moveTo(x, y))
    pen.set_line_to_func(lambda x, y, _: path.lineTo(x, y))
    pen.set_cubic_to_func(lambda a, b, c, d, x, y, _: path.curveTo(a, b, c, d, x, y))
    pen.set_close_path_func(lambda _: path.close())
    glyph.face.font.draw_glyph(glyph.number, pen, None)
    return path
