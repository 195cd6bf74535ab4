"""Text drawn as outlines: scripts, directions, widths, and what the file has of it."""

from io import BytesIO

import pikepdf
import pypdfium2
import pytest
from reportlab.pdfgen.canvas import Canvas

from core.text.typesetting import BOLD, draw, fit, shape, wrap


def drawn(text: str, *, times: int = 1) -> bytes:
    buffer = BytesIO()
    canvas = Canvas(buffer, pagesize=(300, 100), invariant=1)
    for place in range(times):
        draw(canvas, text, 10, 10 + place, 20)
    canvas.save()
    return buffer.getvalue()


def ink(pdf: bytes) -> int:
    """Return the number of dark pixels of the first page."""
    page = pypdfium2.PdfDocument(pdf)[0]
    return sum(page.render(scale=2, grayscale=True).to_pil().histogram()[:128])


def numbers(text: str) -> list[int]:
    return [glyph.number for glyph in shape(text).glyphs]


def test_letters_of_a_script_are_joined() -> None:
    """A conjunct is one glyph, and the sign for `i` is drawn before its consonant."""
    assert len(numbers("क्ष")) < len("क्ष")
    assert (
        numbers("कि") == [numbers("ि" + "क")[-1], numbers("कि")[-1]][::-1]
        or len(numbers("कि")) == 2
    )
    assert numbers("سلام") != numbers(" ".join("سلام"))


@pytest.mark.parametrize("before", ["Rao ", "2 · ", "كوب "])
def test_letters_are_joined_beside_another_script(before: str) -> None:
    """One run of HarfBuzz has the rules of one script: the sign of डि stays before its letter."""
    alone, line = numbers("डिलीवरी"), numbers(f"{before}डिलीवरी")
    assert alone in (line[: len(alone)], line[-len(alone) :])


def test_a_word_without_spaces_is_broken_between_letters() -> None:
    lines = wrap("क्षि" * 12, 10, 60, 9)
    assert len(lines) > 1
    assert "".join(lines) == "क्षि" * 12
    assert all(len(line) % len("क्षि") == 0 for line in lines), "no conjunct is torn apart"
    assert wrap("ab", 10, 1, 9) == ["…"], "no letter fits"


def test_a_script_from_right_to_left_is_drawn_from_the_right() -> None:
    alone, line = numbers("محمد"), numbers("محمد Rao")
    assert line[-len(alone) :] == alone
    assert line[: len(numbers("Rao"))] == numbers("Rao")


def test_brackets_beside_such_a_script_are_mirrored_once() -> None:
    line = numbers("مرحبا (12)")
    assert [line[0], line[3]] == numbers("()")


@pytest.mark.parametrize("text", ["₹1,234.50", "Größe №5", "हिन्दी", "العربية", "தமிழ்", "తెలుగు"])
def test_faces_have_the_characters_of_the_languages(text: str) -> None:
    assert 0 not in numbers(text)  # the box of a missing character


def test_missing_characters_become_a_box_each() -> None:
    assert numbers("\U0001f600\U0001f600") == [0, 0]


def test_bold_text_has_more_ink_and_is_wider() -> None:
    assert shape("Order", BOLD).width > shape("Order").width


def test_nothing_is_drawn_for_an_empty_line() -> None:
    assert shape("").glyphs == []
    assert shape("").width == 0


def test_a_line_that_is_too_long_is_cut() -> None:
    assert fit("Handmade mug", 10, 200) == "Handmade mug"
    cut = fit("Handmade mug with flowers", 10, 80)
    assert cut.endswith("…")
    assert shape(cut).width * 10 <= 80


def test_a_text_is_broken_between_words_and_cut_at_the_last_line() -> None:
    lines = wrap("Handmade mug with flowers and a handle", 10, 80, 2)
    assert lines[0] == "Handmade mug"
    assert len(lines) == 2
    assert lines[1].endswith("…")
    assert wrap("Donaudampfschifffahrt", 10, 40, 2)[1].endswith("…")
    assert wrap("  ", 10, 40, 3) == []


def test_a_glyph_is_in_the_file_once() -> None:
    once, often = drawn("a"), drawn("a", times=50)
    assert ink(often) > ink(once) > 0
    with pikepdf.open(BytesIO(often)) as pdf:
        assert len(pdf.pages[0].Resources.XObject) == 1


def test_the_same_text_gives_the_same_bytes() -> None:
    assert drawn("हिन्दी Rao") == drawn("हिन्दी Rao")
