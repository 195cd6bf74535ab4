"""Inserts goods that can be ordered, and a checkout for each request.

The addresses of checkouts are sealed for their rows, so the rows are made in Python.
"""

from datetime import timedelta
from typing import Any

from sqlalchemy import Text, cast, insert, literal, null, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from benchmarks.load import numbering
from benchmarks.load.numbering import (
    HOT_OFFER_COUNT,
    OFFER_COUNT,
    VARIANT_PRICE,
    VENDOR_COUNT,
    LoadRun,
    uuid_of,
)
from benchmarks.load.rows import TABLES, copy_rows, numbered_id
from core.clock import now
from core.security.sealed import Sealer
from models.addresses import AddressDetails, PostalAddress

UNITS = 10_000_000
VARIANT_COUNT = OFFER_COUNT + HOT_OFFER_COUNT
CHUNK_SIZE = 5_000
ADDRESS = PostalAddress(
    "IN",
    AddressDetails(
        recipient="Asha Rao",
        street_lines=["12 MG Road"],
        city="Bengaluru",
        subdivision="Karnataka",
        pin_code="560001",
    ),
)
INSERT_SLUGS = text(
    """
    INSERT INTO product_slug (vendor_id, slug, product_id, is_current, created_at)
    SELECT vendor_id, 'load-' || row_number() OVER (), id, true, now() FROM product
    WHERE id BETWEEN :first AND :last
    """
)
INSERT_STOCK = text(
    """
    WITH goods AS (SELECT id FROM variant WHERE id BETWEEN :first AND :last), moved AS (
        INSERT INTO stock_movement (id, created_at, variant_id, kind, quantity, on_hand)
        SELECT id, now(), id, 'RECEIVED', :units, :units FROM goods
    )
    INSERT INTO stock (id, created_at, variant_id, on_hand, reserved, low_number, changed_at)
    SELECT id, now(), id, :units, 0, 0, now() FROM goods
    """
)


async def insert_goods(connection: AsyncConnection) -> None:
    """Insert as many variants as offers, each with a product and units in stock."""
    variant, vendor = numbering.VARIANT, numbering.VENDOR
    vendors = TABLES["vendor"].c
    found = select(vendors.currency, vendors.country).where(vendors.id == uuid_of(vendor, 0))
    currency, country = (await connection.execute(found)).one()

    def product(n: Any) -> dict[str, Any]:
        return {
            "id": numbered_id(variant, n),
            "vendor_id": numbered_id(vendor, n % VENDOR_COUNT),
            "kind": "DIGITAL",
            "currency": currency,
            "country": country,
            "options": [],
            "min_price": VARIANT_PRICE,
            "max_price": VARIANT_PRICE,
        }

    await copy_rows(connection, "product", VARIANT_COUNT, product, state="PUBLISHED")
    ends = {"first": uuid_of(variant, 0), "last": uuid_of(variant, VARIANT_COUNT - 1)}
    await connection.execute(INSERT_SLUGS, ends)
    await copy_rows(
        connection,
        "variant",
        VARIANT_COUNT,
        lambda n: {
            "id": numbered_id(variant, n),
            "product_id": numbered_id(variant, n),
            "vendor_id": numbered_id(vendor, n % VENDOR_COUNT),
            "sku": literal("LOAD-").concat(cast(n, Text)),
            "options": {},
            "price": VARIANT_PRICE,
            "compare_at": null(),
            "currency": currency,
            "per_order_max": null(),
            "tracks_stock": True,
        },
        state="ACTIVE",
    )
    await connection.execute(INSERT_STOCK, {**ends, "units": UNITS})
    await connection.execute(text("ANALYZE"))


async def insert_checkouts(
    connection: AsyncConnection, sealer: Sealer, run: LoadRun, count: int
) -> None:
    """Insert a cart with one unit and its checkout for each request of a run."""
    currency = await connection.scalar(
        select(TABLES["variant"].c.currency).where(
            TABLES["variant"].c.id == uuid_of(numbering.VARIANT, 0)
        )
    )
    for start in range(0, count, CHUNK_SIZE):
        steps = range(start, min(start + CHUNK_SIZE, count))
        rows = [_rows(sealer, run, step, currency) for step in steps]
        for table in ("cart", "cart_line", "checkout"):
            await connection.execute(insert(TABLES[table]), [row[table] for row in rows])
    await connection.execute(text("ANALYZE cart, cart_line, checkout"))


def _rows(sealer: Sealer, run: LoadRun, step: int, currency: object) -> dict[str, dict[str, Any]]:
    """Return the rows of a request by table. The cart is not active: a user has one of these."""
    target, time = run.target(step), now()
    cart_id = uuid_of(numbering.CART, target.number)
    checkout_id = uuid_of(numbering.CHECKOUT, target.number)
    user_id = uuid_of(numbering.USER, target.user)
    return {
        "cart": {
            "id": cart_id,
            "created_at": time,
            "user_id": user_id,
            "state": "ORDERED",
            "version": 1,
            "updated_at": time,
        },
        "cart_line": {
            "id": cart_id,
            "created_at": time,
            "cart_id": cart_id,
            "variant_id": uuid_of(numbering.VARIANT, target.offer),
            "quantity": 1,
            "seen_price": VARIANT_PRICE,
        },
        "checkout": {
            "id": checkout_id,
            "created_at": time,
            "cart_id": cart_id,
            "user_id": user_id,
            "state": "OPEN",
            "currency": currency,
            "items": [],
            "country": ADDRESS.country,
            "ship_to": sealer.seal("checkout.ship_to", checkout_id, ADDRESS.encode()),
            "deliveries": {},
            "promo_code_ids": [],
            "wallet": 0,
            "expires_at": time + timedelta(hours=1),
            "updated_at": time,
        },
    }
