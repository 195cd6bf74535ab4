"""Texts that mutations of orders take."""

ONE_LINE = {
    "cancelOrder.reason",
    "cancelOrderLines.reason",
    "rejectSuborder.reason",
    "cancelSuborderLines.reason",
    "grantRefund.reason",
    "requestReturn.reason",
    "acceptReturn.answer",
    "declineReturn.reason",
}
CODES = {"placeOrder.returnUrl"} | {
    f"{mutation}.idempotencyKey"
    for mutation in (
        "cancelOrder",
        "placeOrder",
        "cancelOrderLines",
        "rejectSuborder",
        "cancelSuborderLines",
        "grantRefund",
        "requestReturn",
        "acceptReturn",
        "declineReturn",
        "receiveReturn",
    )
}
