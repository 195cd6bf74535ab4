"""Loaders of carts."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from engine.loaders import Loader, by_id, group, visible
from engine.reads.source import ReadSource
from models.carts import Cart
from services.carts.access import visible_carts
from services.carts.items import ITEMS, CartItem
from services.carts.view import CartView


async def _views(source: ReadSource, cart_ids: Sequence[UUID]) -> Mapping[UUID, CartView]:
    rows: Any = await source.fetch(ITEMS, keys=cart_ids)
    return {id: CartView([*map(CartItem.of, some)]) for id, some in group(rows, "cart_id").items()}


cart_by_id = by_id(Cart)
visible_cart = visible(Cart, visible_carts)
view_of_cart: Loader[UUID, CartView] = Loader(_views, CartView())
