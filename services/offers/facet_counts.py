"""Numbers of listed offers, counted once a minute for lists with at most one condition."""

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from models.offers.facets import NO_BAND, NO_ID, NO_KIND

# Offers without a city have the id 0. Rows that stay the same are not written, but for the total.
COUNT = text(
    """
    WITH grouped AS (
        SELECT coalesce(city_id, :no_id) AS city, category_id, kind,
            coalesce(percent / 10, :no_band) AS band, count(*)::int AS number
        FROM listing WHERE ends_at > now() GROUP BY 1, 2, 3, 4
    ), counted AS MATERIALIZED (
        SELECT
            CASE WHEN grouping(city) = 0 THEN city ELSE :no_id END AS city_id,
            coalesce(category_id, :no_id) AS category_id, coalesce(kind, :no_kind) AS kind,
            coalesce(band, :no_band) AS band, coalesce(sum(number), 0)::int AS number
        FROM grouped
        GROUP BY GROUPING SETS ((city, category_id), (city, kind, band),
            (category_id, kind, band), ())
    ), gone AS (
        DELETE FROM facet_count AS old WHERE NOT EXISTS (
            SELECT FROM counted WHERE (counted.city_id, counted.category_id, counted.kind,
                counted.band) = (old.city_id, old.category_id, old.kind, old.band)
        )
    )
    INSERT INTO facet_count AS old (city_id, category_id, kind, band, number, as_of)
    SELECT city_id, category_id, kind, band, number, now() FROM counted
    ON CONFLICT (city_id, category_id, kind, band) DO UPDATE
    SET number = excluded.number, as_of = excluded.as_of
    WHERE old.number <> excluded.number OR (old.category_id = :no_id AND old.kind = :no_kind)
    """
)


async def count_listings(session: AsyncSession) -> None:
    """Count all listed offers."""
    given = {"no_id": NO_ID, "no_kind": NO_KIND, "no_band": NO_BAND}
    await session.execute(COUNT, given)
