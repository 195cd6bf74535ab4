"""A product that is a draft, its variant, and an import with a result."""

from sqlmodel import SQLModel

from core.ids import new_id
from models.catalog.imports import ImportOutcome, ProductImport, ProductImportRow
from models.catalog.products import ProductState
from tests.resolvers.scene import ADMIN, OWNER, Scene

SEEN_BY = {
    "Product": {OWNER, ADMIN},
    "Variant": {OWNER, ADMIN},
    "ProductImport": {OWNER, ADMIN},
    "ProductImportRow": {OWNER, ADMIN},
}


async def make(scene: Scene) -> dict[str, SQLModel]:
    product = await scene.world.product(scene.vendor, state=ProductState.DRAFT)
    (variant,) = await scene.world.variants(product)
    imported = ProductImport(
        vendor_id=scene.vendor.id, user_id=scene.customer.id, upload_id=new_id(), dry_run=True
    )
    row = ProductImportRow(import_id=imported.id, number=1, outcome=ImportOutcome.CREATED)
    await scene.world.save(imported, row)
    return {
        "Product": product,
        "Variant": variant,
        "ProductImport": imported,
        "ProductImportRow": row,
    }
