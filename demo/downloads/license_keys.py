"""License keys of a digital variant: a pool, of which the demo customer has bought one."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from core.security.sealed import Sealer
from demo.dataset import Dataset
from demo.rng import SeededRandom
from models.catalog.variants import Variant
from models.downloads.keys import KEY_COLUMN, LICENSE_KEY, LicenseKey
from models.orders.lines import OrderLine
from models.stock.levels import MovementKind, StockMovement

FREE_KEYS = 6


def add_license_keys(
    rng: SeededRandom, dataset: Dataset, sealer: Sealer, variant: Variant
) -> Sequence[LicenseKey]:
    """Give a variant a pool of keys, which is its stock from then on."""
    variant.tracks_stock = True
    stock = next(one for one in dataset.stock if one.variant_id == variant.id)
    stock.on_hand = FREE_KEYS
    dataset.movements.append(
        StockMovement(
            id=rng.uuid7_at(variant.created_at),
            created_at=variant.created_at,
            variant_id=variant.id,
            kind=MovementKind.RECEIVED,
            quantity=FREE_KEYS,
            on_hand=FREE_KEYS,
        )
    )
    pool = [_seal_key(rng, sealer, variant, number) for number in range(1, FREE_KEYS + 1)]
    dataset.order_rows += pool
    return pool


def sell_key(pool: Sequence[LicenseKey], line: OrderLine, user_id: UUID, moment: datetime) -> None:
    """Hand the next key out for the only unit of a line."""
    key = next(one for one in pool if one.line_id is None)
    key.line_id, key.suborder_id, key.user_id = line.id, line.suborder_id, user_id
    key.unit_number, key.sold_at = 0, moment


def _seal_key(rng: SeededRandom, sealer: Sealer, variant: Variant, number: int) -> LicenseKey:
    text = f"DEMO-{number:04}-{rng.randint(0, 0xFFFF):04X}-{rng.randint(0, 0xFFFF):04X}"
    lookup = sealer.lookup(LICENSE_KEY, text)
    return LicenseKey(
        id=(id := rng.uuid7_at(variant.created_at)),
        created_at=variant.created_at,
        variant_id=variant.id,
        vendor_id=variant.vendor_id,
        key=sealer.seal(KEY_COLUMN, id, text.encode()),
        key_lookup=lookup.oldest,
        next_key_lookup=lookup.newest,
    )
