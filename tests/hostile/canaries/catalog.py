"""Products that are published, drafts, stock and imports, which only members see."""

from core.ids import new_id
from models.catalog.imports import ImportOutcome, ImportState, ProductImport, ProductImportRow
from models.catalog.products import ProductState
from models.catalog.variants import VariantState
from models.stock.levels import MovementKind, StockMovement
from tests.client import gid
from tests.factories.world import World
from tests.hostile.canaries.base import ADMIN, OWNER, Canaries

FILES = {
    OWNER: ("shop", "Canary of the file", [OWNER, ADMIN]),
    "rival": ("rival", "Canary of the table", [ADMIN]),
}


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
    for member, (name, message, readers) in FILES.items():
        await _plant_import(world, canaries, name, member, message)
        canaries.add(message, readers=readers)


async def _plant_import(
    world: World, canaries: Canaries, name: str, member: str, message: str
) -> None:
    imported = ProductImport(
        vendor_id=canaries.vendors[name].id,
        user_id=canaries.people[member].id,
        upload_id=new_id(),
        dry_run=True,
        state=ImportState.RUNNING,
        row_count=2,
        refused=1,
    )
    row = ProductImportRow(
        import_id=imported.id,
        number=1,
        outcome=ImportOutcome.REFUSED,
        code="INVALID_INPUT",
        message=message,
    )
    await world.save(imported, row)
    canaries.rows += [imported, row]
