"""Texts that mutations of carts take."""

CODES = {
    "acceptCartPrices.cartToken",
    "addToCart.cartToken",
    "addToCart.idempotencyKey",
    "clearCart.cartToken",
    "mergeCart.cartToken",
    "setCartLine.cartToken",
}
