"""Products that are published, drafts, and stock, which only members see."""

from models.catalog.products import ProductState
from models.catalog.variants import VariantState
from models.stock.levels import MovementKind, StockMovement
from tests.client import gid
from tests.factories.world import World
from tests.hostile.canaries.base import ADMIN, OWNER, Canaries


async def plant(world: World, canaries: Canaries) -> None:
    draft = ProductState.DRAFT
    for name, title, note, sku, readers in (
        ("shop", "Canary of the shelf", "Canary of the cellar", "CANARY-SHOP", [OWNER, ADMIN]),
        ("rival", "Canary of the bench", "Canary of the loft", "CANARY-RIVAL", [ADMIN]),
    ):
        vendor = canaries.vendors[name]
        product = await world.product(vendor)
        hidden = await world.product(vendor, state=draft, title={"en": title})
        retired = await world.variant(product, sku=sku, state=VariantState.RETIRED)
        found = StockMovement(
            variant_id=retired.id, kind=MovementKind.COUNTED, quantity=-10, on_hand=0, note=note
        )
        await world.save(found)
        canaries.rows += [product, hidden, retired, found]
        canaries.ids.append(gid(await world.stock(retired), "StockLevel"))
        canaries.add(title, note, sku, readers=readers)
