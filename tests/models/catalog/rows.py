"""Two products: one with a variant, a picture and a view, a draft without a slug, and an import."""

from sqlmodel import col, delete

from core.ids import new_id
from models.catalog.imports import (
    ImportOutcome,
    ImportState,
    ProductImport,
    ProductImportRow,
)
from models.catalog.products import ProductState
from models.catalog.slugs import ProductSlug
from models.catalog.views import ProductView
from models.pictures import ProductPicture
from tests.factories.redemptions import Till
from tests.factories.world import World


async def make(world: World, till: Till) -> None:
    product = await world.product(till.vendor)
    draft = await world.product(till.vendor, variants=0, state=ProductState.DRAFT)
    async with world.database.session() as session, session.begin():
        await session.exec(delete(ProductSlug).where(col(ProductSlug.product_id) == draft.id))
    imported = ProductImport(
        vendor_id=till.vendor.id,
        user_id=till.customer.id,
        upload_id=new_id(),
        dry_run=True,
        state=ImportState.RUNNING,
        row_count=1,
        refused=1,
    )
    refused = ProductImportRow(
        import_id=imported.id,
        number=1,
        sku="mug",
        outcome=ImportOutcome.REFUSED,
        code="INVALID_INPUT",
        message="Must not be empty.",
    )
    await world.save(imported, refused)
    photo = await world.picture(till.customer)
    await world.save(
        ProductPicture(product_id=product.id, upload_id=photo.id),
        ProductView(user_id=till.customer.id, product_id=product.id),
    )
