"""The rows that public lists of offers are read from.

The unit of work writes them by itself, in the transaction that changes an offer or its vendor:
services need not name them, and cannot forget one. Claims and likes change nothing that is in them.
"""

import asyncio
from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import event, inspect, text
from sqlalchemy.orm import Session
from sqlmodel.ext.asyncio.session import AsyncSession

from core.cells import BITS
from core.words import vector
from models.categories import Category
from models.offers.offers import Offer, OfferState
from models.vendors import Vendor
from services import jobs

# In the session's info.
CHANGED_OFFERS, CHANGED_VENDORS = "listed_offers", "listed_vendors"
MOVED_CATEGORIES = "moved_categories"
BATCH_SIZE = 1_000
WORDLESS_BATCH_SIZE = 200
FEW = 20  # offers whose words are read at once
# By how much places are shifted to the numbers of cells of 20 by 10 km and of 156 by 78 km.
FINE_LEVEL, WIDE_LEVEL = 11, 8
SHIFTS = {"fine": 2 * (BITS - FINE_LEVEL), "wide": 2 * (BITS - WIDE_LEVEL)}
OF_OFFER = (
    "state", "category_id", "discount_kind", "percent", "starts_at", "ends_at", "published_at",
    "country", "pin_codes", "latitude", "longitude", "title", "description", "locale",
)  # fmt: skip
OF_VENDOR = ("status", "name", "city", "country")

CREATE_CITIES = text(
    """
    INSERT INTO city (id, created_at, country, key, name, latitude, longitude)
    SELECT DISTINCT ON (country, key) uuidv7(), now(), country, key, city, latitude, longitude
    FROM (
        SELECT *, lower(city COLLATE pg_c_utf8) AS key FROM vendor
        WHERE id = ANY(CAST(:vendors AS uuid[])) AND status = 'APPROVED'
    ) AS approved
    ORDER BY country, key, id
    ON CONFLICT (country, key) DO NOTHING
    """
)
# Of the offers that will be listed.
TEXTS = text(
    """
    WITH chosen (id) AS (
        SELECT unnest(CAST(:offers AS uuid[]))
        UNION SELECT id FROM offer WHERE vendor_id = ANY(CAST(:vendors AS uuid[]))
    )
    SELECT offer.id, offer.title, offer.description, vendor.name, vendor.city, vendor.locale
    FROM chosen
    JOIN offer ON offer.id = chosen.id
    JOIN vendor ON vendor.id = offer.vendor_id
    WHERE offer.state = 'PUBLISHED' AND offer.ends_at > now() AND vendor.status = 'APPROVED'
    """
)
# One statement, so that it is one round trip. Rows that stay the same are not written.
WRITE = text(
    """
    WITH chosen (id) AS (
        SELECT unnest(CAST(:offers AS uuid[]))
        UNION SELECT id FROM offer WHERE vendor_id = ANY(CAST(:vendors AS uuid[]))
    ), wanted AS (
        SELECT
            offer.id AS offer_id, offer.vendor_id, offer.category_id, root.id AS root_id,
            city.id AS city_id, offer.country, offer.discount_kind AS kind, offer.percent,
            offer.starts_at, offer.ends_at,
            coalesce(offer.published_at, offer.created_at) AS published_at,
            offer.latitude, offer.longitude, offer.pin_codes, offer.claimed,
            CAST(given.words AS tsvector) || array_to_tsvector(array_remove(ARRAY[
                '#t' || city.id, '#l' || category.id, '#k' || offer.discount_kind,
                '#n' || offer.country,
                '#f' || (cell_of(offer.latitude, offer.longitude) >> :fine),
                '#w' || (cell_of(offer.latitude, offer.longitude) >> :wide)
            ], NULL)) AS words
        FROM chosen
        JOIN offer ON offer.id = chosen.id
        JOIN vendor ON vendor.id = offer.vendor_id
        JOIN category ON category.id = offer.category_id
        JOIN category AS root ON root.path = split_part(category.path, '/', 1) || '/'
        LEFT JOIN city
            ON city.country = vendor.country AND city.key = lower(vendor.city COLLATE pg_c_utf8)
        LEFT JOIN unnest(CAST(:described AS uuid[]), CAST(:words AS text[])) AS given (id, words)
            ON given.id = offer.id
        WHERE offer.state = 'PUBLISHED' AND offer.ends_at > now() AND vendor.status = 'APPROVED'
    ), pins AS (
        SELECT DISTINCT offer_id, pin, published_at, ends_at
        FROM wanted, unnest(pin_codes) AS pin
    ), unlisted AS (
        DELETE FROM listing USING chosen
        WHERE offer_id = chosen.id AND offer_id NOT IN (SELECT offer_id FROM wanted)
    ), unserved AS (
        DELETE FROM listing_pin USING chosen
        WHERE offer_id = chosen.id AND offer_id IN (SELECT offer_id FROM wanted)
            AND NOT EXISTS (
                SELECT FROM pins
                WHERE pins.offer_id = listing_pin.offer_id AND pins.pin = listing_pin.pin
            )
    ), served AS (
        INSERT INTO listing_pin AS old (offer_id, pin, published_at, ends_at)
        SELECT offer_id, pin, published_at, ends_at FROM pins
        ON CONFLICT (offer_id, pin) DO UPDATE
        SET published_at = excluded.published_at, ends_at = excluded.ends_at
        WHERE (old.published_at, old.ends_at) <> (excluded.published_at, excluded.ends_at)
    ), ranked AS (
        INSERT INTO listing_rank AS old
            (offer_id, root_id, city_id, likes, claims, quality)
        SELECT offer_id, root_id, city_id, likes, claimed,
            quality_of(likes, claimed, published_at)
        FROM wanted, LATERAL (
            SELECT count(*)::int AS likes FROM offer_like
            WHERE offer_like.offer_id = wanted.offer_id
        ) AS liked
        ON CONFLICT (offer_id) DO UPDATE
        SET root_id = excluded.root_id, city_id = excluded.city_id
        WHERE (old.root_id, old.city_id) IS DISTINCT FROM (excluded.root_id, excluded.city_id)
    )
    INSERT INTO listing AS old (
        offer_id, vendor_id, category_id, root_id, city_id, country, kind, percent, starts_at,
        ends_at, published_at, latitude, longitude, words
    )
    SELECT
        offer_id, vendor_id, category_id, root_id, city_id, country, kind, percent, starts_at,
        ends_at, published_at, latitude, longitude, words
    FROM wanted
    ON CONFLICT (offer_id) DO UPDATE SET
        category_id = excluded.category_id, root_id = excluded.root_id,
        city_id = excluded.city_id, country = excluded.country, kind = excluded.kind,
        percent = excluded.percent, starts_at = excluded.starts_at, ends_at = excluded.ends_at,
        published_at = excluded.published_at, latitude = excluded.latitude,
        longitude = excluded.longitude, words = excluded.words
    WHERE (
        old.category_id, old.root_id, old.city_id, old.country, old.kind, old.percent,
        old.starts_at, old.ends_at, old.published_at, old.latitude, old.longitude, old.words
    ) IS DISTINCT FROM (
        excluded.category_id, excluded.root_id, excluded.city_id, excluded.country,
        excluded.kind, excluded.percent, excluded.starts_at, excluded.ends_at,
        excluded.published_at, excluded.latitude, excluded.longitude, excluded.words
    )
    """
)


MOVED = text(
    """
    SELECT offer_id FROM listing
    JOIN category ON category.id = listing.category_id
    JOIN category AS root ON root.path = split_part(category.path, '/', 1) || '/'
    JOIN category AS moved ON moved.id = :category_id
    WHERE starts_with(category.path, moved.path) AND listing.root_id <> root.id
    ORDER BY offer_id LIMIT :most
    """
)


# Without those that a transaction is changing, which writes their words.
WORDLESS = text(
    """
    SELECT offer.id FROM offer JOIN vendor ON vendor.id = offer.vendor_id
    WHERE offer.id IN (
        SELECT offer_id FROM listing WHERE words IS NULL ORDER BY offer_id LIMIT :most
    ) ORDER BY offer.id
    FOR SHARE OF vendor SKIP LOCKED FOR UPDATE OF offer SKIP LOCKED
    """
)


async def write_listings(session: AsyncSession) -> None:
    """Write the listings of the offers and vendors that the transaction has changed.

    Their rows are locked, or new: offers by the services, and those of a vendor by its own lock.
    """
    offers: set[UUID] = session.info.pop(CHANGED_OFFERS, set())
    vendors: set[UUID] = session.info.pop(CHANGED_VENDORS, set())
    if offers or vendors:
        await list_offers(session, offers=offers, vendors=vendors)
    for category_id in sorted(session.info.pop(MOVED_CATEGORIES, set())):
        await jobs.defer(session, "list_moved_category", category_id=category_id)


async def list_offers(
    session: AsyncSession, *, offers: Collection[UUID] = (), vendors: Collection[UUID] = ()
) -> None:
    """List offers, and all offers of vendors, if they are live, and remove the others."""
    given: dict[str, Any] = {"offers": sorted(offers), "vendors": sorted(vendors)}
    if vendors:
        await session.execute(CREATE_CITIES, {"vendors": given["vendors"]})
    rows = (await session.execute(TEXTS, given)).all()
    # Those of a vendor can be thousands, and each takes up to a millisecond.
    described = await asyncio.to_thread(_vectors, rows) if len(rows) > FEW else _vectors(rows)
    given |= {"described": [*described], "words": [*described.values()]}
    await session.execute(WRITE, given | SHIFTS)


def _vectors(rows: Sequence[Any]) -> dict[UUID, str]:
    return {row.id: _vector(row) for row in rows}


def _vector(row: Any) -> str:
    """Return the words of an offer and of its vendor."""
    return vector(
        [
            *((words, locale, True) for locale, words in row.title.items()),
            *((words, row.locale, False) for words in (row.name, row.city)),
            *((words, locale, False) for locale, words in row.description.items()),
        ]
    )


async def list_wordless(session: AsyncSession) -> bool:
    """Read the texts of a batch of listed offers whose words are not known.

    They were listed by an earlier release. Returns whether there may be more.
    """
    rows = await session.execute(WORDLESS, {"most": WORDLESS_BATCH_SIZE})
    found = [*rows.scalars()]
    if found:
        await list_offers(session, offers=found)
    return len(found) == WORDLESS_BATCH_SIZE


async def list_moved_category(session: AsyncSession, category_id: UUID) -> bool:
    """List a batch of the offers below a category again, which is now below another one.

    Returns whether there may be more. Until then, they are found in the former top-level category.
    """
    rows = await session.execute(MOVED, {"category_id": category_id, "most": BATCH_SIZE})
    moved = [*rows.scalars()]
    if moved:
        await list_offers(session, offers=moved)
    return len(moved) == BATCH_SIZE


@event.listens_for(Session, "after_flush")
def _note_rows(session: Session, _: object) -> None:
    """Note the offers and vendors whose listings a flush may have changed."""
    for row in (*session.new, *session.dirty):
        if isinstance(row, Offer) and _lists_differently(row):
            session.info.setdefault(CHANGED_OFFERS, set()).add(row.id)
        elif isinstance(row, Vendor) and _changed(row, OF_VENDOR):
            session.info.setdefault(CHANGED_VENDORS, set()).add(row.id)
        elif isinstance(row, Category) and row in session.dirty and _changed(row, ["parent_id"]):
            session.info.setdefault(MOVED_CATEGORIES, set()).add(row.id)


def _lists_differently(offer: Offer) -> bool:
    """Return whether an offer is listed or was, and a value of its listing has changed."""
    states = {*inspect(offer).attrs.state.history.sum()}
    return OfferState.PUBLISHED in states and _changed(offer, OF_OFFER)


def _changed(row: Any, names: Collection[str]) -> bool:
    attributes = inspect(row).attrs
    return any(attributes[name].history.has_changes() for name in names)
