"""Products that users have viewed recently."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import and_, col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from models.catalog.products import Product
from models.catalog.views import MAX_VIEWS, VIEW_DAYS, ProductView
from services.catalog.access import access_product, visible_products
from services.cleanup_tasks import delete_old_rows
from services.viewer import Viewer


async def list_viewed(session: AsyncSession, viewer: Viewer) -> Sequence[Product]:
    """Return the products that the viewer has viewed and still can see, the latest first."""
    mine = and_(
        col(ProductView.product_id) == Product.id, ProductView.user_id == viewer.require_user()
    )
    rows = visible_products(viewer).join(ProductView, mine)
    latest = rows.order_by(col(ProductView.viewed_at).desc(), col(Product.id).desc())
    return (await session.exec(latest.limit(MAX_VIEWS))).all()


async def view_product(session: AsyncSession, viewer: Viewer, *, product_id: UUID) -> Product:
    """Remember that the viewer has viewed a product now. The oldest beyond 50 are forgotten."""
    user_id = viewer.require_user()
    product = await access_product(session, viewer, product_id)
    view = insert(ProductView).values(user_id=user_id, product_id=product_id, viewed_at=now())
    await session.exec(
        view.on_conflict_do_update(
            index_elements=[col(ProductView.user_id), col(ProductView.product_id)],
            set_={"viewed_at": now()},
        )
    )
    latest = (
        select(ProductView.product_id)
        .where(ProductView.user_id == user_id)
        .order_by(col(ProductView.viewed_at).desc(), col(ProductView.product_id).desc())
        .limit(MAX_VIEWS)
    )
    mine = col(ProductView.user_id) == user_id
    await session.exec(delete(ProductView).where(mine, col(ProductView.product_id).not_in(latest)))
    return product


async def clear_viewed_products(session: AsyncSession, viewer: Viewer) -> None:
    mine = col(ProductView.user_id) == viewer.require_user()
    await session.exec(delete(ProductView).where(mine))


CLEANUP = [
    delete_old_rows(
        """
        DELETE FROM product_view WHERE (user_id, product_id) IN (
            SELECT user_id, product_id FROM product_view WHERE viewed_at < :before
            ORDER BY viewed_at LIMIT :batch
        ) RETURNING user_id
        """,
        VIEW_DAYS,
    )
]
