"""Texts that mutations of categories take."""

ONE_LINE = {
    "createCategory.name.text",
    "updateCategory.name.text",
}
CODES = {
    "createCategory.slug",
    "updateCategory.slug",
}
