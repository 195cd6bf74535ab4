"""Changes that the subscription to a user's cart sends."""

from enum import Enum

import strawberry

from engine.types import column
from schema.carts.types import Cart


@strawberry.enum(description="A change of a cart. Values may be added: refetch on an unknown one.")
class CartChangeKind(Enum):
    CHANGED = strawberry.enum_value(
        "changed", description="Lines were added, changed or removed, or the cart ended."
    )
    CHECKPOINT = strawberry.enum_value(
        "checkpoint",
        description="No change for this subscription, but a newer cursor to resume from.",
    )


@strawberry.type(description="A change of the viewer's cart.")
class CartChange:
    cursor: str = column("The cursor to resume after this change.")
    kind: CartChangeKind = column("The kind of change.")
    cart: Cart | None = strawberry.field(
        default=None,
        description="The cart as it is now. Null if it has ended, and in a CHECKPOINT.",
    )
