"""Cleans text, and detects text without visible characters."""

import re
import unicodedata
from itertools import groupby

INVISIBLE = {"Cc", "Cf", "Mn", "Zl", "Zp", "Zs"}  # categories: controls, marks, spaces
# Rendered as blanks, though Unicode classifies them as letters and symbols.
BLANK = set("\u115f\u1160\u2800\u3164\uffa0\ufffc\U0001d159\U00013441\U00013442")

# Controls that are not white space. `str.split` treats the others as white space.
_CONTROLS = "\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f"
_NONCHARACTERS = "\ufdd0-\ufdef\ufffe\uffff" + "".join(
    f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0x10000, 0x110000, 0x10000)
)
# Embeddings, overrides and isolates (UAX #9, 2): they reorder what follows, even outside the text.
_DIRECTIONS = "\u202a-\u202e\u2066-\u2069"
_REMOVED_FROM_LINES = re.compile(
    f"[{_CONTROLS}{_NONCHARACTERS}{_DIRECTIONS}"
    "\u00ad\u061c\u180e\u200b\u200e\u200f\u2060-\u2065\u206a-\u206f\ufeff\ufff0-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e001f\U000e0080-\U000e00ff\U000e01f0-\U000e0fff"
    # Private use: an icon font of a client could render one as a sign of its own, such as a badge.
    "\ue000-\uf8ff\U000f0000-\U0010ffff]"
)
_REMOVED_FROM_PARAGRAPHS = re.compile(
    f"[{_CONTROLS}\x1c-\x1f{_NONCHARACTERS}{_DIRECTIONS}\u206a-\u206f\ufeff\ufff9-\ufffb]"
)
_BLANKS = re.compile("[\\s\u2800\u3164\uffa0]+")
_LINE_BREAK = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
# Joiners have a meaning after Indic, Arabic and other letters and in emoji, one at a time. Tags
# have one after a black flag, such as Scotland's; elsewhere they are an invisible copy of ASCII.
_JOINERS = re.compile("(?<=[^\x00-\x7f\\s])([\u200c\u200d])[\u200c\u200d]*|[\u200c\u200d]+")
_TAGS = re.compile("(\U0001f3f4[\U000e0020-\U000e007f]+)|[\U000e0020-\U000e007f]+")


def legible(text: str) -> str:
    """Return the text, or an empty string if no character is visible."""
    visible = any(c not in BLANK and unicodedata.category(c) not in INVISIBLE for c in text)
    return text if visible else ""


def clean_line(text: str) -> str:
    """Return the text on one line, without invisible characters; empty if none is visible.

    White space is trimmed and collapsed. Removed are controls, marks of direction, other invisible
    formats, private use characters and noncharacters, because the user cannot see them to correct
    them. Unassigned characters are kept: they include next year's emoji.
    """
    line = _BLANKS.sub(" ", _REMOVED_FROM_LINES.sub("", text))
    # Again, because a joiner may have stood between two spaces.
    return legible(_BLANKS.sub(" ", _compose(line)).strip())


def clean_paragraphs(text: str) -> str:
    r"""Return text of several lines, ended by `\n`; empty if no character is visible.

    Marks of direction (U+200E, U+200F) stay: keyboards for Hebrew and Arabic have them, and they
    affect their own paragraph alone.
    """
    lines = _REMOVED_FROM_PARAGRAPHS.sub("", _LINE_BREAK.sub("\n", text))
    return legible(_compose(lines).strip())


def shorten(text: str, length: int) -> str:
    """Return the start of a text on one line, with an ellipsis if it is longer than this.

    It is cut after a word, unless that one is long, as in scripts without spaces.
    """
    line = " ".join(text.split())
    if len(line) <= length:
        return line
    cut = line[: length - 1]
    words = cut.rpartition(" ")[0]
    return f"{words if len(words) > length // 2 else cut}…"


def _compose(text: str) -> str:
    composed = unicodedata.normalize("NFC", _TAGS.sub(r"\1", text))
    return unicodedata.normalize("NFC", _JOINERS.sub(r"\1", composed))


def longest_run_of_marks(text: str) -> int:
    """Return the greatest number of consecutive combining characters, such as accents."""
    if text.isascii():
        return 0
    runs = groupby(text, key=lambda c: unicodedata.combining(c) != 0)
    return max((sum(1 for _ in run) for combining, run in runs if combining), default=0)
