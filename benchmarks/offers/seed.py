"""Offers of vendors in 32 cities, made in SQL.

The indexes of the large tables are dropped before and created after that, which takes a fraction of
the time.
"""

from collections.abc import Mapping, Sequence
from importlib.util import module_from_spec, spec_from_file_location

import asyncpg

from core.settings import HOME
from core.words import keys_of, vector

TABLES = ("offer", "listing", "listing_pin", "listing_rank", "term")
DISHES = ("Coffee", "Biryani", "Haircut", "Yoga", "Cake")
# No offer has vouchers, but those of the lists are ranked as if they had.
CLAIMED = "floor(200 * power(random(), 6))::int AS claimed"
GUESTS = ("two", "families", "students")
CATEGORIES = """
    INSERT INTO category (id, created_at, slug, path, name, parent_id, position, hidden)
    SELECT uuidv7(), now(), 'root-' || r, 'root-' || r || '/', '{"en": "Root"}', NULL, r, false
    FROM generate_series(1, 12) AS r;
    INSERT INTO category (id, created_at, slug, path, name, parent_id, position, hidden)
    SELECT uuidv7(), now(), 'leaf-' || n, path || 'leaf-' || n || '/', '{"en": "Leaf"}', root.id, n,
        false
    FROM category AS root, generate_series(1, $leaves) AS n WHERE root.slug LIKE 'root-%';
"""
# A third of the offers is in the largest city, as of the customers; a few vendors have very many.
VENDORS = """
    CREATE TEMPORARY TABLE seed_city AS SELECT
        n, (ARRAY['IN', 'IN', 'IN', 'DE', 'US', 'NP'])[1 + n % 6] AS country,
        8 + random() * 45 AS latitude, -120 + random() * 210 AS longitude
    FROM generate_series(0, 31) AS n;
    CREATE TEMPORARY TABLE seed_vendor AS
    SELECT uuidv7() AS id, vendor.n, city.n AS city, city.country,
        city.latitude + 0.3 * (random() - 0.5) * random() AS latitude,
        city.longitude + 0.3 * (random() - 0.5) * random() AS longitude
    FROM (
        SELECT n, floor(32 * power(random(), 3))::int AS city
        FROM generate_series(0, $vendors - 1) AS n
    ) AS vendor JOIN seed_city AS city ON city.n = vendor.city;
    CREATE TEMPORARY TABLE seed_leaf AS
    SELECT id, row_number() OVER (ORDER BY path) - 1 AS n FROM category WHERE parent_id IS NOT NULL;
    ANALYZE seed_city, seed_vendor, seed_leaf;
    INSERT INTO vendor (
        id, created_at, name, description, category_id, status, locale, country, city, pin_code,
        latitude, longitude, time_zone, currency, search_text
    )
    SELECT vendor.id, now(), 'Vendor ' || vendor.n, '{}', leaf.id, 'APPROVED', 'en', country,
        'City ' || city, 'P' || lpad((city * 60 + vendor.n % 60)::text, 5, '0'), latitude,
        longitude, 'Asia/Kolkata', 'INR', 'vendor ' || vendor.n || ' city ' || city
    FROM seed_vendor AS vendor JOIN seed_leaf AS leaf ON leaf.n = vendor.n % (12 * $leaves);
"""
OFFERS = """
    INSERT INTO offer (
        id, created_at, vendor_id, category_id, state, locale, title, description, terms,
        discount_kind, percent, buy, get, free_item, amount_minor, currency, capacity, claimed,
        per_user_limit, starts_at, ends_at, published_at, country, pin_codes, latitude, longitude,
        search_text
    )
    SELECT uuidv7(), published_at, vendor.id, leaf.id,
        CASE WHEN dice < 0.97 THEN 'PUBLISHED' ELSE 'PAUSED' END, 'en',
        jsonb_build_object('en', words), '{}', '{}', kind,
        CASE kind WHEN 'PERCENT' THEN 5 + floor(random() * 66) END,
        CASE kind WHEN 'BUY_GET' THEN 1 END, CASE kind WHEN 'BUY_GET' THEN 1 END,
        CASE kind WHEN 'FREE_ITEM' THEN '{"en": "Tea and cake"}'::jsonb END,
        CASE kind WHEN 'AMOUNT' THEN 10000 END, 'INR', 10000, 0, 1,
        published_at, now() + (random() * 60 - 6) * interval '1 day', published_at, country,
        ARRAY(
            SELECT DISTINCT 'P' || lpad((city * 60 + (vendor.n + far * far) % 60)::text, 5, '0')
            FROM generate_series(0, floor(dice * 5)::int) AS far ORDER BY 1
        ), latitude, longitude, lower(words)
    FROM (
        SELECT floor($vendors * power(random(), 1.5))::int AS vendor, random() AS dice,
            floor(12 * $leaves * power(random(), 2))::int AS leaf,
            now() - (7 + random() * 90) * interval '1 day' AS published_at,
            (ARRAY['PERCENT', 'PERCENT', 'AMOUNT', 'BUY_GET', 'FREE_ITEM'])[1 + floor(random() * 5)]
                AS kind,
            format(
                '%s for %s %s %s', (ARRAY[$dishes])[1 + floor(random() * 5)],
                (ARRAY[$guests])[1 + floor(random() * 3)],
                translate(left(md5((n % 20000)::text), 8), '0123456789abcdef', 'aeioubdklmnprstv'),
                n % 50000
            ) AS words
        FROM generate_series(1, $offers) AS n
    ) AS given
    JOIN seed_vendor AS vendor ON vendor.n = given.vendor
    JOIN seed_leaf AS leaf ON leaf.n = given.leaf;
"""


# The lexemes of each word of the titles, from a table that Python fills.
WORDS = """
    CREATE UNIQUE INDEX ON seed_word (word);
    ANALYZE seed_word;
    UPDATE listing SET words = described.words || array_to_tsvector(ARRAY[
        '#t' || city_id, '#l' || category_id, '#k' || kind, '#n' || listing.country,
        '#f' || (place >> 40), '#w' || (place >> 46)
    ])
    FROM (
        SELECT offer.id, string_agg(seed_word.lexemes, ' ')::tsvector AS words
        FROM offer, unnest(string_to_array(title ->> 'en', ' ')) AS part
        JOIN seed_word ON seed_word.word = part
        GROUP BY offer.id
    ) AS described WHERE described.id = offer_id;
"""
TITLE_WORDS = "SELECT DISTINCT unnest(string_to_array(title ->> 'en', ' ')) FROM offer"
COUNTED = """
    SELECT word, ndoc FROM ts_stat('SELECT words FROM listing') WHERE NOT starts_with(word, '#')
"""


def fill_statements() -> Sequence[str]:
    """Return the statements by which the migration lists all offers."""
    (path,) = (HOME / "alembic" / "versions").glob("*_listings.py")
    spec = spec_from_file_location("listings", path)
    if spec is None or spec.loader is None:
        raise ImportError(path)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    statements: Sequence[str] = module.FILL
    return statements


async def seed(connection: asyncpg.Connection, *, offers: int, vendors: int, leaves: int) -> None:
    """Insert the rows, as a superuser: foreign keys are not checked.

    `leaves` is the number of categories in each of the 12 top-level ones, at most 40.
    """
    indexes = await connection.fetch(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY($1)"
        " AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexname::regclass)",
        TABLES,
    )
    async with connection.transaction():
        await connection.execute("SET LOCAL session_replication_role = replica")
        await connection.execute("SELECT setseed(0.5)")
        for index in indexes:
            await connection.execute(f"DROP INDEX {index['indexname']}")
        for statements in (CATEGORIES, VENDORS, OFFERS):
            given: dict[str, int | str] = {
                "$offers": offers,
                "$vendors": vendors,
                "$leaves": leaves,
                "$dishes": ", ".join(f"'{one}'" for one in DISHES),
                "$guests": ", ".join(f"'{one}'" for one in GUESTS),
            }
            await connection.execute(_with(statements, given))
        await connection.execute("ANALYZE")
        for statement in fill_statements():
            await connection.execute(statement.replace("offer.claimed", CLAIMED))
        await _write_words(connection)
        for index in indexes:
            await connection.execute(index["indexdef"])
    await connection.execute("VACUUM ANALYZE")


async def _write_words(connection: asyncpg.Connection) -> None:
    """Write the words of all listings, and count them, as the jobs would."""
    await connection.execute("CREATE TEMPORARY TABLE seed_word (word text, lexemes text)")
    words = [row[0] for row in await connection.fetch(TITLE_WORDS)]
    rows = [(word, vector([(word, "en", True)])) for word in words]
    await connection.copy_records_to_table("seed_word", records=rows)
    await connection.execute(WORDS)
    counted = await connection.fetch(COUNTED)
    terms = [(word, *keys_of(word), documents) for word, documents in counted]
    columns = ["word", "latin", "loose", "documents"]
    await connection.copy_records_to_table("term", records=terms, columns=columns)


def _with(statements: str, given: Mapping[str, int | str]) -> str:
    for name, number in given.items():
        statements = statements.replace(name, str(number))
    return statements
