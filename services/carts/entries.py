"""Journal entries of carts."""

from dataclasses import dataclass
from uuid import UUID

from services.journal.entries import Entry


@dataclass(frozen=True)
class CartChanged(Entry, kind="cart.changed"):
    """The lines of a user's cart changed, or the cart ended."""

    cart_id: UUID
