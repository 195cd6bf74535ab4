"""Loaders of stock."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col, func, literal, or_

from core.statements.selected import AnySelect, Match, Selected, columns_of, select_columns
from core.statements.statement import Statement, any_of
from engine.loaders import Loader, by_id, grouped, of_viewer, one_each, valued, visible
from models.catalog.variants import Variant, VariantState
from models.stock.alerts import StockAlert
from models.stock.levels import Stock, StockMovement
from services.stock.access import visible_movements, visible_stock
from services.viewer import VIEWER_ID, Viewer


def _seen(viewer: Viewer, selected: Selected | None) -> AnySelect:
    """Select the stock of variants that the viewer may see."""
    columns: Any = columns_of(Stock, selected, "variant_id")
    rows: Any = visible_stock(viewer).with_only_columns(*columns, maintain_column_froms=True)
    seen: AnySelect = rows.where(any_of(col(Stock.variant_id)))
    return seen


def _in_stock(matches: Match) -> AnySelect:
    """Select the products of which a variant can be bought."""
    product_id, available = col(Variant.product_id), Stock.on_hand > col(Stock.reserved)
    can_be_bought = or_(~col(Variant.tracks_stock), available)
    return (
        select(product_id, func.bool_or(can_be_bought))
        .join(Stock, col(Stock.variant_id) == col(Variant.id))
        .where(matches(product_id), col(Variant.state) == VariantState.ACTIVE)
        .group_by(product_id)
    )


def _own_alerts(matches: Match) -> AnySelect:
    variant_id = col(StockAlert.variant_id)
    mine = col(StockAlert.user_id) == VIEWER_ID
    return select(variant_id, literal(True)).where(mine, matches(variant_id))


_LEVELS = select_columns(Stock).where(any_of(col(Stock.variant_id)))

stock_by_id = by_id(Stock)
visible_stock_level = visible(Stock, visible_stock)
visible_movement = visible(StockMovement, visible_movements)
stock_of_variant: Loader[UUID, Stock | None] = one_each(Statement(_LEVELS, Stock), "variant_id")
seen_stock_of_variant = grouped(Stock, "variant_id", _seen)
product_in_stock = valued(_in_stock, missing=False)
awaited_by_viewer = of_viewer(valued(_own_alerts, missing=False))
