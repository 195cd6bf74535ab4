"""Two products: one with a variant, a picture and a view, and a draft without a slug."""

from sqlmodel import col, delete

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
    photo = await world.picture(till.customer)
    await world.save(
        ProductPicture(product_id=product.id, upload_id=photo.id),
        ProductView(user_id=till.customer.id, product_id=product.id),
    )
