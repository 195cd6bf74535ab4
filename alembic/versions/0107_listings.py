"""Rows that public lists of offers are read from.

They are filled by one statement for each table, before their indexes are created.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0107"
down_revision = "0106"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
DEFERRED = {"initially": "DEFERRED", "deferrable": True}
LINE = r"[\u0001-\u001f\u007f-\u009f\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\u2800\u3164]"
# The operators | & << and >> have one precedence, and bind from left to right.
CELL_OF = """
CREATE FUNCTION cell_of(latitude double precision, longitude double precision) RETURNS bigint
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    x bigint := least(2147483647, floor((longitude + 180) / 360 * 2147483648)::bigint);
    y bigint := least(2147483647, floor((latitude + 90) / 180 * 2147483648)::bigint);
BEGIN
    x := (x | (x << 16)) & 281470681808895;     y := (y | (y << 16)) & 281470681808895;
    x := (x | (x << 8)) & 71777214294589695;    y := (y | (y << 8)) & 71777214294589695;
    x := (x | (x << 4)) & 1085102592571150095;  y := (y | (y << 4)) & 1085102592571150095;
    x := (x | (x << 2)) & 3689348814741910323;  y := (y | (y << 2)) & 3689348814741910323;
    x := (x | (x << 1)) & 6148914691236517205;  y := (y | (y << 1)) & 6148914691236517205;
    RETURN x | (y << 1);
END $$
"""
QUALITY_OF = """
CREATE FUNCTION quality_of(likes integer, claims integer, published_at timestamptz)
RETURNS integer LANGUAGE sql STABLE PARALLEL SAFE RETURN (
    100 * ln(1 + likes) + 60 * ln(1 + claims)
    + greatest(0, 100 - extract(epoch FROM now() - published_at) / 86400)
)::integer
"""
FILL = (
    """
    INSERT INTO city (id, created_at, country, key, name, latitude, longitude)
    SELECT DISTINCT ON (country, key) uuidv7(), now(), country, key, city, latitude, longitude
    FROM (SELECT *, lower(city COLLATE pg_c_utf8) AS key FROM vendor WHERE status = 'APPROVED')
    ORDER BY country, key, id
    """,
    """
    INSERT INTO listing (
        offer_id, vendor_id, category_id, root_id, city_id, country, kind, percent, starts_at,
        ends_at, published_at, latitude, longitude
    )
    SELECT
        offer.id, offer.vendor_id, offer.category_id, root.id, city.id, offer.country,
        offer.discount_kind, offer.percent, offer.starts_at, offer.ends_at,
        coalesce(offer.published_at, offer.created_at), offer.latitude, offer.longitude
    FROM offer
    JOIN vendor ON vendor.id = offer.vendor_id
    JOIN category ON category.id = offer.category_id
    JOIN category AS root ON root.path = split_part(category.path, '/', 1) || '/'
    LEFT JOIN city
        ON city.country = vendor.country AND city.key = lower(vendor.city COLLATE pg_c_utf8)
    WHERE offer.state = 'PUBLISHED' AND offer.ends_at > now() AND vendor.status = 'APPROVED'
    """,
    """
    INSERT INTO listing_pin (offer_id, pin, published_at, ends_at)
    SELECT DISTINCT offer_id, pin, listing.published_at, listing.ends_at
    FROM listing JOIN offer ON offer.id = offer_id, unnest(pin_codes) AS pin
    """,
    """
    INSERT INTO listing_rank (offer_id, root_id, city_id, likes, claims, quality)
    SELECT offer_id, root_id, city_id, likes, claimed,
        quality_of(likes, claimed, listing.published_at)
    FROM (
        SELECT listing.*, offer.claimed, coalesce(liked.likes, 0)::int AS likes
        FROM listing JOIN offer ON offer.id = offer_id
        LEFT JOIN (
            SELECT offer_id, count(*) AS likes FROM offer_like GROUP BY offer_id
        ) AS liked USING (offer_id)
    ) AS listing
    """,
)
IN_CIRCLE = ["ends_at", "latitude", "longitude", "offer_id"]
ORDERED = {
    "listing": {
        "published_at": ["published_at"],
        "ends_at": ["ends_at"],
        "vendor_id": ["vendor_id", "published_at"],
        "root_id": ["root_id", "published_at"],
        "category_id": ["category_id", "published_at"],
        "city_id": ["city_id", "published_at"],
        "country": ["country", "published_at"],
    },
    "listing_rank": {
        "likes": ["likes"],
        "claims": ["claims"],
        "quality": ["quality"],
        "root_id": ["root_id", "quality"],
        "city_id": ["city_id", "quality"],
    },
}
PLACED = {
    "place": ["place"],
    "root_id_place": ["root_id", "place"],
    "category_id_place": ["category_id", "place"],
}


def upgrade() -> None:
    op.execute(CELL_OF)
    op.execute(QUALITY_OF)
    op.execute("ALTER TABLE offer SET (fillfactor = 85)")
    _create_city()
    _create_listing()
    _create_pins_and_ranks()
    for statement in FILL:
        op.execute(statement)
    _constrain()
    _create_indexes()


def _create_city() -> None:
    op.create_table(
        "city",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("key", sa.String(length=160), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("latitude", sa.Float(), nullable=False),
        sa.Column("longitude", sa.Float(), nullable=False),
        sa.CheckConstraint("latitude BETWEEN -90 AND 90", name=op.f("city_latitude_check")),
        sa.CheckConstraint("longitude BETWEEN -180 AND 180", name=op.f("city_longitude_check")),
        *(
            sa.CheckConstraint(
                f"{column} !~ '{LINE}' AND {column} = btrim({column}) AND {column} <> ''",
                name=op.f(f"city_{column}_line_check"),
            )
            for column in ("name", "key")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("city_pkey")),
        sa.UniqueConstraint("country", "key", name=op.f("city_country_key_key")),
    )


def _create_listing() -> None:
    place = sa.Computed("cell_of(latitude, longitude)", persisted=True)
    op.create_table(
        "listing",
        sa.Column("offer_id", sa.Uuid(), nullable=False),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("category_id", sa.Uuid(), nullable=False),
        sa.Column("root_id", sa.Uuid(), nullable=False),
        sa.Column("city_id", sa.Uuid(), nullable=True),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("percent", sa.SmallInteger(), nullable=True),
        sa.Column("starts_at", TIME, nullable=False),
        sa.Column("ends_at", TIME, nullable=False),
        sa.Column("published_at", TIME, nullable=False),
        sa.Column("latitude", sa.Float(), nullable=False),
        sa.Column("longitude", sa.Float(), nullable=False),
        sa.Column("place", sa.BigInteger(), place, nullable=True),
        sa.Column("words", postgresql.TSVECTOR(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('PERCENT', 'AMOUNT', 'BUY_GET', 'FREE_ITEM')",
            name=op.f("listing_discountkind_check"),
        ),
    )


def _create_pins_and_ranks() -> None:
    op.create_table(
        "listing_pin",
        sa.Column("offer_id", sa.Uuid(), nullable=False),
        sa.Column("pin", sa.String(length=12), nullable=False),
        sa.Column("published_at", TIME, nullable=False),
        sa.Column("ends_at", TIME, nullable=False),
        sa.CheckConstraint("pin ~ '^[A-Z0-9]{3,10}$'", name=op.f("listing_pin_pin_check")),
    )
    op.create_table(
        "listing_rank",
        sa.Column("offer_id", sa.Uuid(), nullable=False),
        sa.Column("root_id", sa.Uuid(), nullable=False),
        sa.Column("city_id", sa.Uuid(), nullable=True),
        *(sa.Column(one, sa.Integer(), nullable=False) for one in ("likes", "claims", "quality")),
        sa.CheckConstraint("likes >= 0", name=op.f("listing_rank_likes_check")),
        sa.CheckConstraint("claims >= 0", name=op.f("listing_rank_claims_check")),
    )
    op.create_table(
        "rank_change",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("offer_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("rank_change_pkey")),
    )


def _constrain() -> None:
    keys = {
        "listing": ["offer_id"],
        "listing_pin": ["offer_id", "pin"],
        "listing_rank": ["offer_id"],
    }
    for table, columns in keys.items():
        op.create_primary_key(op.f(f"{table}_pkey"), table, columns)
    for table in keys:
        target, column = ("offer", "id") if table == "listing" else ("listing", "offer_id")
        op.create_foreign_key(
            op.f(f"{table}_offer_id_fkey"),
            table,
            target,
            ["offer_id"],
            [column],
            ondelete="CASCADE",
            **DEFERRED,
        )


def _create_indexes() -> None:
    for table, indexes in ORDERED.items():
        for name, columns in indexes.items():
            include = ["ends_at"] if "published_at" in columns else None
            op.create_index(
                f"{table}_{name}_idx", table, [*columns, "offer_id"], postgresql_include=include
            )
    for name, columns in PLACED.items():
        op.create_index(f"listing_{name}_idx", "listing", columns, postgresql_include=IN_CIRCLE)
    op.create_index(
        "listing_pin_pin_idx",
        "listing_pin",
        ["pin", "published_at", "offer_id"],
        postgresql_include=["ends_at"],
    )
    op.execute("ANALYZE city, listing, listing_pin, listing_rank")


def downgrade() -> None:
    for table in ("rank_change", "listing_rank", "listing_pin", "listing", "city"):
        op.drop_table(table)
    op.execute("ALTER TABLE offer RESET (fillfactor)")
    op.execute("DROP FUNCTION quality_of(integer, integer, timestamptz)")
    op.execute("DROP FUNCTION cell_of(double precision, double precision)")
