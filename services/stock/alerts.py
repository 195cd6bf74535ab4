"""Alerts: users who wait for a variant to be back in stock."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import and_, col, delete, func, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.clock import now
from core.database import for_change
from core.keyset import Listing, Ordering
from models.catalog.variants import Variant, VariantState
from models.identity.accounts import User
from models.stock.alerts import (
    ALERT_DAYS,
    MAX_ALERTS,
    StockAlert,
    StockAlertLimitReached,
    VariantInStock,
)
from models.stock.levels import Stock
from services.catalog.access import access_variant, visible_variants
from services.cleanup_tasks import delete_old_rows
from services.viewer import Viewer


def variants_in_stock() -> SelectOfScalar[UUID]:
    """Select the ids of active variants that are in stock, or whose stock is not kept."""
    return (
        select(Variant.id)
        .join(Stock, col(Stock.variant_id) == Variant.id)
        .where(
            Variant.state == VariantState.ACTIVE,
            or_(~col(Variant.tracks_stock), Stock.on_hand > col(Stock.reserved)),
        )
    )


def list_alerts(viewer: Viewer) -> Listing[Variant]:
    """List the variants that the viewer waits for and can see, the newest alert first."""
    ordering = Ordering(
        "stock_alert", StockAlert.created_at, Variant.id, datetime.fromisoformat, descending=True
    )
    return Listing(_awaited(viewer), ordering)


def _awaited(viewer: Viewer) -> SelectOfScalar[Variant]:
    mine = and_(
        col(StockAlert.variant_id) == Variant.id, StockAlert.user_id == viewer.require_user()
    )
    return visible_variants(viewer).join(StockAlert, mine)


async def request_stock_alert(
    session: AsyncSession, viewer: Viewer, *, variant_id: UUID
) -> Variant:
    """Have the viewer notified once the variant is in stock. A second request changes nothing.

    The user is locked, so that two requests at once cannot exceed the limit. Then the stock is: a
    change of it comes before, and is seen, or after, and finds the alert. Alerts for what the
    viewer sees no more are not listed, so they make room instead of counting. Raises
    `VariantInStock` and `StockAlertLimitReached`.
    """
    user_id = viewer.require_user()
    variant = await access_variant(session, viewer, variant_id)
    await session.exec(for_change(select(User.id).where(User.id == user_id)))
    await session.exec(for_change(select(Stock.id).where(Stock.variant_id == variant_id)))
    in_stock = variants_in_stock().where(Variant.id == variant_id)
    if (await session.exec(in_stock)).first() is not None:
        raise VariantInStock
    others = select(func.count()).where(
        StockAlert.user_id == user_id, StockAlert.variant_id != variant_id
    )
    if (await session.exec(others)).one() >= MAX_ALERTS:
        await _cancel_unseen(session, viewer)
        if (await session.exec(others)).one() >= MAX_ALERTS:
            raise StockAlertLimitReached(most=MAX_ALERTS)
    alert = insert(StockAlert).values(user_id=user_id, variant_id=variant_id, created_at=now())
    await session.exec(alert.on_conflict_do_nothing())
    return variant


async def _cancel_unseen(session: AsyncSession, viewer: Viewer) -> None:
    ids: Any = _awaited(viewer).with_only_columns(col(Variant.id))
    seen = (await session.exec(ids)).all()
    mine = col(StockAlert.user_id) == viewer.require_user()
    await session.exec(delete(StockAlert).where(mine, col(StockAlert.variant_id).not_in(seen)))


async def cancel_stock_alert(session: AsyncSession, viewer: Viewer, *, variant_id: UUID) -> None:
    """Cancel the viewer's alert, if there is one: also for a variant that they see no more."""
    mine = col(StockAlert.user_id) == viewer.require_user()
    await session.exec(delete(StockAlert).where(mine, col(StockAlert.variant_id) == variant_id))


CLEANUP = [
    delete_old_rows(
        """
        DELETE FROM stock_alert WHERE (user_id, variant_id) IN (
            SELECT user_id, variant_id FROM stock_alert WHERE created_at < :before
            ORDER BY created_at LIMIT :batch
        ) RETURNING user_id
        """,
        ALERT_DAYS,
    )
]
