"""The names of vendors, categories and cities that are suggested, written every ten minutes."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from core.text.search_text import folded
from models.offers.suggestions import MAX_SUGGESTION_LENGTH, SuggestionKind

BATCH_SIZE = 500  # vendors
MAX_KEYS = 4  # words of a name that it can be found from

VENDORS = text(
    """
    SELECT vendor.id, vendor.name, vendor.latitude, vendor.longitude, offers.number
    FROM (
        SELECT * FROM vendor WHERE id > CAST(:after AS uuid) ORDER BY id LIMIT :most
    ) AS vendor, LATERAL (
        SELECT count(*)::int AS number FROM listing
        WHERE listing.vendor_id = vendor.id AND ends_at > now()
    ) AS offers ORDER BY vendor.id
    """
)
CATEGORIES = text(
    """
    SELECT category.id, above.id AS above_id, category.name, offers.number
    FROM category
    JOIN category AS above ON starts_with(category.path, above.path)
    LEFT JOIN (
        SELECT category_id, count(*)::int AS number FROM listing WHERE ends_at > now() GROUP BY 1
    ) AS offers ON offers.category_id = category.id
    WHERE NOT EXISTS (
        SELECT FROM category AS hidden
        WHERE hidden.hidden AND starts_with(category.path, hidden.path)
    )
    """
)
CITIES = text(
    """
    SELECT city.id, city.name, city.latitude, city.longitude, offers.number
    FROM city JOIN (
        SELECT city_id, count(*)::int AS number FROM listing WHERE ends_at > now() GROUP BY 1
    ) AS offers ON offers.city_id = city.id
    """
)
# Of the targets of a kind from one id to another, only what has changed is written.
WRITE = text(
    """
    WITH wanted AS (
        SELECT * FROM unnest(
            CAST(:targets AS uuid[]), CAST(:keys AS text[]), CAST(:names AS text[]),
            CAST(:weights AS integer[]), CAST(:latitudes AS double precision[]),
            CAST(:longitudes AS double precision[])
        ) AS wanted (target_id, key, name, weight, latitude, longitude)
    ), gone AS (
        DELETE FROM suggestion AS old
        WHERE kind = :kind AND target_id > CAST(:after AS uuid)
            AND target_id <= CAST(:last AS uuid) AND NOT EXISTS (
                SELECT FROM wanted WHERE wanted.target_id = old.target_id AND wanted.key = old.key
            )
    )
    INSERT INTO suggestion AS old (target_id, key, kind, name, weight, latitude, longitude)
    SELECT target_id, key, :kind, name, weight, latitude, longitude FROM wanted
    ON CONFLICT (target_id, key) DO UPDATE SET
        name = excluded.name, weight = excluded.weight, latitude = excluded.latitude,
        longitude = excluded.longitude
    WHERE (old.name, old.weight, old.latitude, old.longitude)
        IS DISTINCT FROM (excluded.name, excluded.weight, excluded.latitude, excluded.longitude)
    """
)
FIRST, LAST = UUID(int=0), UUID(int=2**128 - 1)

Named = tuple[UUID, Iterable[str], int, float | None, float | None]


async def suggest_vendors(session: AsyncSession, after: UUID) -> UUID | None:
    """Write the names of a batch of vendors. Returns the last one's id, None after the last."""
    rows = (await session.execute(VENDORS, {"after": after, "most": BATCH_SIZE})).all()
    full = len(rows) == BATCH_SIZE
    named = [(row.id, [row.name], row.number, row.latitude, row.longitude) for row in rows]
    last = rows[-1].id if full else LAST
    await _write(session, SuggestionKind.VENDOR, named, after, last)
    return last if full else None


async def suggest_categories(session: AsyncSession) -> None:
    """Write the names of categories that are shown. Offers of inner ones count for outer ones."""
    names: dict[UUID, Mapping[str, str]] = {}
    numbers: dict[UUID, int] = {}
    for row in await session.execute(CATEGORIES):
        names[row.id] = row.name
        numbers[row.above_id] = numbers.get(row.above_id, 0) + (row.number or 0)
    named: list[Named] = [
        (id, {*texts.values()}, numbers.get(id, 0), None, None) for id, texts in names.items()
    ]
    await _write(session, SuggestionKind.CATEGORY, named)


async def suggest_cities(session: AsyncSession) -> None:
    rows = await session.execute(CITIES)
    named = [(row.id, [row.name], row.number, row.latitude, row.longitude) for row in rows]
    await _write(session, SuggestionKind.CITY, named)


async def _write(
    session: AsyncSession,
    kind: SuggestionKind,
    named: Iterable[Named],
    after: UUID = FIRST,
    last: UUID = LAST,
) -> None:
    rows: dict[tuple[UUID, str], Any] = {}
    for id, names, number, *place in named:
        for name in names if number else ():
            for key in keys_of_name(name):
                rows.setdefault((id, key), (id, key, name, number, *place))
    columns = ("targets", "keys", "names", "weights", "latitudes", "longitudes")
    values = [*zip(*(rows[one] for one in sorted(rows)), strict=True)] or [()] * len(columns)
    given: dict[str, Any] = {name: [*column] for name, column in zip(columns, values, strict=True)}
    await session.execute(WRITE, given | {"kind": kind, "after": after, "last": last})


def keys_of_name(name: str) -> Iterator[str]:
    """Yield a name without case and accents, from each of its first words on."""
    words = folded(name).split()
    for place in range(min(len(words), MAX_KEYS)):
        yield " ".join(words[place:])[:MAX_SUGGESTION_LENGTH]
