"""Texts that mutations of packs take."""

ONE_LINE = {"createPack.title.text", "updatePack.title.text"}
CODES = {
    "createPack.idempotencyKey",
    "buyPack.idempotencyKey",
    "buyPack.returnUrl",
    "subscribeToPack.idempotencyKey",
    "changePackSubscription.idempotencyKey",
}
