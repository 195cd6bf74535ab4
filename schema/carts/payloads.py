"""Payloads of mutations of carts."""

from collections.abc import Sequence
from typing import Any

import strawberry
from strawberry import relay

from engine.errors.conversion import Payload
from engine.types import column, field
from models.carts import MAX_LINES
from schema.carts.enums import NotKeptReason
from schema.carts.types import Cart
from services.carts.merge import NotKept

STARTED = (
    "The token of an anonymous cart that was just started. Keep it: it is returned once, and only"
    " its hash is stored. Null if the cart existed before, or is a user's."
)


@strawberry.type(description="The cart, after units were added.")
class AddToCartPayload(Payload):
    cart: Cart | None = strawberry.field(default=None, description="The cart.")
    cart_token: str | None = strawberry.field(default=None, description=STARTED)


@strawberry.type(description="The cart, after a line was set.")
class SetCartLinePayload(Payload):
    cart: Cart | None = strawberry.field(
        default=None, description="The cart. Null if there was none to remove a line from."
    )
    cart_token: str | None = strawberry.field(default=None, description=STARTED)


@strawberry.type(description="Units that were not merged into a cart.")
class NotKeptLine:
    quantity: int = column("The number of units.")
    reason: NotKeptReason = column("The reason.")

    @field("The variant's id.", needs=("variant_id",))
    def variant_id(root: strawberry.Parent[NotKept]) -> relay.GlobalID:
        return relay.GlobalID("Variant", str(root.variant_id))


@strawberry.type(description="The cart, after lines were merged into it.")
class MergeCartPayload(Payload):
    cart: Cart | None = strawberry.field(default=None, description="The cart.")
    not_kept: list[NotKeptLine] = strawberry.field(
        default_factory=list,
        description=f"The units that could not be merged, of at most {2 * MAX_LINES} variants.",
        metadata={"size": 2},
    )


def not_kept_lines(not_kept: Sequence[NotKept]) -> list[NotKeptLine]:
    found: Any = not_kept
    return list(found)
