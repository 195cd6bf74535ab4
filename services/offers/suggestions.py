"""Suggestions while a user types: words of offers, vendors, categories and cities.

Those that start with the text come first. If they are too few, those that nearly do follow.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from rapidfuzz.distance import OSA
from sqlalchemy import Boolean, Integer, String, bindparam, text

from core.errors import BadInput
from core.statements.row_source import RowSource
from core.statements.statement import Statement
from core.text.search_text import folded
from core.words import STOP_WORDS, latin_of, loose_key
from models.offers.suggestions import SuggestionKind
from services.near import Near, distance_m
from services.offers.understanding import LAST

MAX_SUGGESTIONS = 8
MAX_TEXT_LENGTH = 100
MAX_CANDIDATES = 50  # of names, and as many words
MAX_OF_KIND = 4  # while there are others
MIN_REPAIRED_LETTERS = 4
NEARBY = 10  # times as many offers, as which those of a vendor nearby count

FIND = Statement(
    text(
        """
    WITH started AS (
        (
            SELECT 'TERM' AS kind, word AS name, NULL::uuid AS target_id, documents AS weight,
                NULL::float AS latitude, NULL::float AS longitude, false AS typo
            FROM term
            WHERE word ~>=~ :start AND word ~<~ (:start || :last) AND loose <> ''
                AND word <> ALL (CAST(:stop_words AS text[]))
            ORDER BY documents DESC, word LIMIT :most
        ) UNION ALL (
            SELECT kind, name, target_id, weight, latitude, longitude, false FROM suggestion
            WHERE key ~>=~ :start AND key ~<~ (:start || :last)
            ORDER BY weight DESC, target_id LIMIT :most
        )
    ), few AS (SELECT count(*) < :first AND :repaired AS are_few FROM started),
    misspelt AS (
        (
            SELECT 'TERM', word, NULL::uuid, documents, NULL::float, NULL::float, true
            FROM term WHERE loose <> '' AND latin % :latin AND (SELECT are_few FROM few)
            ORDER BY similarity(latin, :latin) DESC, documents DESC LIMIT :most
        ) UNION ALL (
            SELECT 'TERM', word, NULL::uuid, documents, NULL::float, NULL::float, true
            FROM term WHERE loose <> '' AND length(:loose) > 1 AND (SELECT are_few FROM few)
                AND loose ~>=~ :loose AND loose ~<~ (:loose || :last)
            ORDER BY documents DESC, word LIMIT :most
        ) UNION ALL (
            SELECT kind, name, target_id, weight, latitude, longitude, true FROM suggestion
            WHERE key % :start AND (SELECT are_few FROM few)
            ORDER BY similarity(key, :start) DESC, weight DESC LIMIT :most
        )
    ), found AS (SELECT * FROM started UNION ALL SELECT * FROM misspelt)
    SELECT * FROM found WHERE kind <> 'VENDOR' OR EXISTS (
        SELECT FROM listing WHERE vendor_id = target_id AND ends_at > now()
    )
    """
    ).bindparams(
        *(bindparam(name, type_=String()) for name in ("start", "latin", "loose")),
        bindparam("repaired", type_=Boolean()),
        bindparam("first", type_=Integer()),
        last=LAST,
        most=MAX_CANDIDATES,
    )
)


@dataclass(frozen=True)
class Suggestion:
    """A word or a name, and the number of offers with it. `rank` is higher for what is nearby."""

    kind: SuggestionKind
    name: str
    target_id: UUID | None
    offers: int
    rank: int
    typed: str
    typo: bool

    @property
    def matched(self) -> tuple[int, int] | None:
        """Return the places in the name between which the text is, if it is typed correctly."""
        return None if self.typo else find_start(self.name, self.typed)

    @property
    def meant(self) -> tuple[SuggestionKind, UUID | str]:
        return self.kind, self.target_id or folded(self.name)


async def suggest(source: RowSource, typed: str, near: Near | None, first: int) -> list[Suggestion]:
    """Return what a text may become, at most 8, the likeliest first. Raises `BadInput`.

    That is what most offers have. Vendors and cities in the circle come before others.
    """
    if not 1 <= first <= MAX_SUGGESTIONS:
        raise BadInput("Choose between 1 and {most} suggestions.", most=MAX_SUGGESTIONS)
    if len(typed) > MAX_TEXT_LENGTH:
        raise BadInput("The text can have at most {most} characters.", most=MAX_TEXT_LENGTH)
    start = folded(typed)
    if not start:
        return []
    given = {
        "start": start,
        # Words of offers have no space.
        "latin": "" if " " in start else latin_of(start),
        "loose": "" if " " in start else loose_key(start),
        "repaired": len(start) >= MIN_REPAIRED_LETTERS and not any(map(str.isdigit, start)),
        "first": first,
        "stop_words": sorted(STOP_WORDS - {start}),
    }
    found = [_weighed(row, start, near) for row in await source.fetch(FIND, **given)]
    return _best([one for one in found if one is not None], first)


def _weighed(row: Any, start: str, near: Near | None) -> Suggestion | None:
    """Return a candidate, or None if it is too different."""
    if row["typo"] and not _nearly_starts(row["name"], start):
        return None
    rank = row["weight"]
    if near is not None and row["latitude"] is not None:
        away = distance_m((near.latitude, near.longitude), (row["latitude"], row["longitude"]))
        rank *= NEARBY if away <= near.within_km * 1000 else 1
    kind = SuggestionKind(row["kind"])
    return Suggestion(kind, row["name"], row["target_id"], row["weight"], rank, start, row["typo"])


def _nearly_starts(name: str, start: str) -> bool:
    """Return whether a word of a name begins with one or two typos of a text."""
    words, typed = folded(name).split(), latin_of(start)
    most = 1 if len(typed) < 8 else 2
    for place in range(len(words)):
        rest = latin_of(" ".join(words[place:]))
        lengths = range(len(typed) - 1, len(typed) + 2)
        starts = {rest[:length] for length in lengths if rest[:1] == typed[:1]}
        if any(OSA.distance(one, typed, score_cutoff=most) <= most for one in starts):
            return True
    return False


def find_start(name: str, start: str) -> tuple[int, int] | None:
    """Return the places in a name between which the text is, at the start of one of its words."""
    for place in _word_starts(name):
        if folded(name[place:]).startswith(start):
            ends = range(place + 1, len(name) + 1)
            return place, next(end for end in ends if folded(name[place:end]).startswith(start))
    return None


def _word_starts(name: str) -> Iterator[int]:
    for place, one in enumerate(name):
        if one.isalnum() and (place == 0 or not name[place - 1].isalnum()):
            yield place


def _best(found: Sequence[Suggestion], first: int) -> list[Suggestion]:
    """Return the first, each once, of a kind at first at most 4; typos come last."""
    ordered = sorted(found, key=lambda one: (one.typo, -one.rank, one.kind, one.name))
    once = {one.meant: one for one in reversed(ordered)}
    chosen: list[Suggestion] = []
    others: list[Suggestion] = []
    for one in sorted(once.values(), key=ordered.index):
        same = sum(other.kind is one.kind for other in chosen)
        (chosen if same < MAX_OF_KIND else others).append(one)
    return [*chosen, *others][:first]
