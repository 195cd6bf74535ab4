"""Carts of users, and of anonymous callers who have a token."""

from typing import Annotated

import strawberry

from engine.arguments import IdempotencyKey
from engine.context import Context, Info
from engine.mutation import mutation
from engine.types import field
from models import carts as rows
from models.errors import IdempotencyInProgress, IdempotencyKeyReused, InvalidInput
from models.validation import parse
from schema.carts.inputs import (
    Added,
    CartToken,
    Lines,
    MergedToken,
    Quantity,
    VariantId,
    merge_draft,
)
from schema.carts.payloads import (
    AddToCartPayload,
    MergeCartPayload,
    SetCartLinePayload,
    not_kept_lines,
)
from schema.carts.types import Cart
from services.carts import access, lines
from services.carts.merge import merge_cart
from services.journal.topics import user_topic

OptionalCart = Annotated[Cart | None, "The cart. Null if there is none."]
LIMITS = (InvalidInput, rows.NotSold, rows.PerOrderMax, rows.CartFull)


@strawberry.type
class CartQuery:
    @field(
        "Returns the viewer's cart, or the anonymous cart with a token. Null if there is none: it"
        " is created with its first line."
    )
    async def cart(self, info: Info, cart_token: CartToken = None) -> Cart | None:
        context = info.context
        await _read_cursor(context)  # before the cart, so that no change is lost between the two
        async with context.read_session() as session:
            found = await access.find_cart(session, context.viewer, cart_token)
        return Cart.wrap_optional(found)

    @field(
        "A cursor to pass as `after` to `cartChanges`, to receive every change since `cart` was"
        " read by the same operation. Null for anonymous callers, who have no subscription."
    )
    async def cart_changes_after(self, info: Info) -> str | None:
        return await _read_cursor(info.context)


@strawberry.type
class CartMutation:
    @mutation(personal=True, raises=(*LIMITS, IdempotencyKeyReused, IdempotencyInProgress))
    async def add_to_cart(
        self,
        info: Info,
        variant_id: VariantId,
        quantity: Added,
        idempotency_key: IdempotencyKey,
        cart_token: CartToken = None,
    ) -> AddToCartPayload:
        """Add units of a variant to those that the cart has. Nothing is reserved. For an anonymous
        caller without the token of a cart, a cart is started; their number is limited per network.
        """
        context = info.context
        draft = parse(rows.LineDraft, variant_id=variant_id, quantity=quantity)
        await _charge_new_cart(context, cart_token)
        async with context.transaction() as session:
            opened = await lines.add_to_cart(
                session, context.viewer, draft, token=cart_token, idempotency_key=idempotency_key
            )
        return AddToCartPayload(cart=Cart.wrap(opened.cart), cart_token=opened.token)

    @mutation(personal=True, raises=LIMITS, repeatable="sets a number")
    async def set_cart_line(
        self,
        info: Info,
        variant_id: VariantId,
        quantity: Quantity,
        cart_token: CartToken = None,
    ) -> SetCartLinePayload:
        """Set the units that the cart has of a variant. 0 removes the line. Nothing is reserved.
        For an anonymous caller, a cart is started as by `addToCart`.
        """
        context = info.context
        change = parse(rows.LineChange, variant_id=variant_id, quantity=quantity)
        if change.quantity:
            await _charge_new_cart(context, cart_token)
        async with context.transaction() as session:
            opened = await lines.set_cart_line(session, context.viewer, change, token=cart_token)
        if opened is None:
            return SetCartLinePayload()
        return SetCartLinePayload(cart=Cart.wrap(opened.cart), cart_token=opened.token)

    @mutation(personal=True, raises=(InvalidInput,), repeatable="the larger quantity wins")
    async def merge_cart(
        self, info: Info, lines: Lines, cart_token: MergedToken = None
    ) -> MergeCartPayload:
        """Merge lines, and those of an anonymous cart, into the viewer's cart. Call it after a
        sign-in. The larger quantity of a variant wins; `notKept` has what could not be merged.
        """
        context, draft = info.context, merge_draft(lines)
        async with context.transaction() as session:
            merged = await merge_cart(session, context.viewer, draft, token=cart_token)
        return MergeCartPayload(
            cart=Cart.wrap(merged.cart), not_kept=not_kept_lines(merged.not_kept)
        )

    @mutation(personal=True, cart=OptionalCart, repeatable="removes what is there")
    async def clear_cart(self, info: Info, cart_token: CartToken = None) -> rows.Cart | None:
        """Remove all lines of the cart."""
        async with info.context.transaction() as session:
            return await lines.clear_cart(session, info.context.viewer, token=cart_token)

    @mutation(personal=True, cart=OptionalCart, repeatable="sets the prices of now")
    async def accept_cart_prices(
        self, info: Info, cart_token: CartToken = None
    ) -> rows.Cart | None:
        """Accept the prices that the lines have now. It ends their PRICE_CHANGED."""
        async with info.context.transaction() as session:
            return await lines.accept_cart_prices(session, info.context.viewer, token=cart_token)


async def _charge_new_cart(context: Context, token: str | None) -> None:
    """Charge a cart that an anonymous caller is about to start. Raises `TooManyRequests`."""
    if context.viewer.optional_user_id is not None:
        return
    async with context.read_session() as session:
        found = await access.find_cart(session, context.viewer, token)
    if found is None:
        await context.app.cart_limits.charge(context.address, context.redis_allowance)


async def _read_cursor(context: Context) -> str | None:
    """Return the cursor of the operation, which is read once."""
    user_id = context.viewer.optional_user_id
    return await context.cursor(user_topic(user_id)) if user_id is not None else None
