"""Texts that mutations of products take."""

from tests.resolvers.texts import TextCase

ONE_LINE = {
    "createProduct.options.name.text",
    "createProduct.options.values.name.text",
    "createProduct.pictures.alt.text",
    "createProduct.title.text",
    "updateProduct.options.name.text",
    "updateProduct.options.values.name.text",
    "updateProduct.pictures.alt.text",
    "updateProduct.title.text",
}
PARAGRAPHS = {"createProduct.description.text", "updateProduct.description.text"}
CODES = {
    "addVariant.idempotencyKey",
    "addVariant.variant.options.option",
    "addVariant.variant.options.value",
    "addVariant.variant.sku",
    "createProduct.hsnCode",
    "createProduct.idempotencyKey",
    "createProduct.options.key",
    "createProduct.options.values.key",
    "createProduct.variants.options.option",
    "createProduct.variants.options.value",
    "createProduct.variants.sku",
    "importProducts.idempotencyKey",
    "updateProduct.hsnCode",
    "updateProduct.options.key",
    "updateProduct.options.values.key",
    "updateProduct.slug",
    "updateVariant.options.option",
    "updateVariant.options.value",
    "updateVariant.sku",
}


def cases(vendor: str, text: str) -> list[TextCase]:
    title = [{"locale": "en", "text": text}]
    product = {"vendorId": vendor, "title": title, "idempotencyKey": "texts"}
    return [TextCase("createProduct", product, ["title", "0", "text"], "product { title }")]
