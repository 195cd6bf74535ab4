"""Changes of a user's cart."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import ClassVar

import strawberry

from dataloaders.carts import cart_by_id
from engine.arguments import Resume
from engine.context import Info
from engine.live.subscribe import subscribe_to_journal
from engine.request_loaders import Loaders
from engine.types import subscription
from models.carts import CartState
from schema.carts.changes import CartChange, CartChangeKind
from schema.carts.types import Cart
from services.carts.entries import CartChanged
from services.journal.queries import JournalRecord
from subscriptions.own_source import OwnSource


@strawberry.type
class CartSubscription:
    @subscription(
        "Changes of the viewer's cart, made on any device. Prices and stock change without one."
        " Resume with the last `cursor`."
    )
    async def cart_changes(
        self, info: Info, after: Resume = None
    ) -> AsyncGenerator[CartChange, None]:
        source = OwnCart(info.context.viewer.require_user())
        return await subscribe_to_journal(info, source, after)


async def _changed(loaders: Loaders, record: JournalRecord[CartChanged], cursor: str) -> CartChange:
    cart = await loaders[cart_by_id].load(record.entry.cart_id)
    active = cart if cart is not None and cart.state is CartState.ACTIVE else None
    return CartChange(cursor=cursor, kind=CartChangeKind.CHANGED, cart=Cart.wrap_optional(active))


@dataclass(frozen=True)
class OwnCart(OwnSource[CartChange]):
    """The cart of a user, the same on all their devices."""

    changes: ClassVar = {CartChanged: _changed}

    def checkpoint(self, cursor: str) -> CartChange:
        return CartChange(cursor=cursor, kind=CartChangeKind.CHECKPOINT)
