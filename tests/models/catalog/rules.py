"""The database constraints on products and variants, with SQL that violates each of them."""

from tests.models.sql import change, copy, one_line, places

OTHER_ID = "00000000-0000-0000-0000-000000000001"
SAME_VENDOR = change("vendor", f"id = '{OTHER_ID}', currency = 'INR'")
SOLD = "WHERE state = 'PUBLISHED'"

RULES = [
    *places("product"),
    ("product_productkind_check", change("product", "kind = 'SERVICE'")),
    (
        "product_productstate_check",
        "ALTER TABLE product DROP CONSTRAINT product_published_at_check;"
        + change("product", "state = 'GONE'"),
    ),
    ("product_hsn_code_check", change("product", "hsn_code = '123'")),
    ("product_hsn_code_check", change("product", "hsn_code = '12a4'")),
    ("product_prices_check", change("product", f"min_price = max_price + 1 {SOLD}")),
    ("product_prices_check", change("product", f"max_price = NULL {SOLD}")),
    ("product_prices_check", change("product", f"min_price = -1 {SOLD}")),
    ("product_sold_check", change("product", f"min_price = NULL, max_price = NULL {SOLD}")),
    ("product_options_check", change("product", "options = '[1, 2, 3, 4]'")),
    ("product_published_at_check", change("product", f"published_at = NULL {SOLD}")),
    ("product_published_at_check", change("product", "published_at = now()")),
    (
        "product_id_vendor_id_key",
        "ALTER TABLE product DROP CONSTRAINT product_pkey CASCADE;"
        + change("product", "id = (SELECT min(id::text)::uuid FROM product)").replace(":", r"\:"),
    ),
    (
        "vendor_id_currency_key",
        "ALTER TABLE vendor DROP CONSTRAINT vendor_pkey CASCADE; " + SAME_VENDOR,
    ),
    ("product_picture_position_check", change("product_picture", "position = 20")),
    ("product_picture_position_check", change("product_picture", "position = -1")),
    ("product_picture_upload_id_key", copy("product_picture", position=1)),
    (
        "product_picture_product_id_position_key",
        "ALTER TABLE product_picture DROP CONSTRAINT product_picture_upload_id_fkey;"
        + copy("product_picture", upload_id=OTHER_ID),
    ),
    ("product_import_importstate_check", change("product_import", "state = 'GONE'")),
    ("product_import_failure_check", change("product_import", "failure = 'NO_ROWS'")),
    ("product_import_finished_at_check", change("product_import", "finished_at = now()")),
    ("product_import_finished_at_check", change("product_import", "state = 'DONE'")),
    ("product_import_counts_check", change("product_import", "created = 1")),
    ("product_import_counts_check", change("product_import", "updated = -1")),
    ("product_import_counts_check", change("product_import", "row_count = 2001")),
    *one_line("product_import_row", "sku"),
    *one_line("product_import_row", "code"),
    *one_line("product_import_row", "message"),
    (
        "product_import_row_importoutcome_check",
        change("product_import_row", "outcome = 'GONE', code = NULL, message = NULL"),
    ),
    ("product_import_row_number_check", change("product_import_row", "number = 0")),
    ("product_import_row_number_check", change("product_import_row", "number = 2001")),
    ("product_import_row_refusal_check", change("product_import_row", "code = NULL")),
    ("product_import_row_refusal_check", change("product_import_row", "outcome = 'CREATED'")),
    ("product_import_row_import_id_number_key", copy("product_import_row")),
    ("product_slug_slug_check", change("product_slug", "slug = 'Mug'")),
    ("product_slug_slug_check", change("product_slug", "slug = 'ab'")),
    ("product_slug_current_key", copy("product_slug", slug="mug")),
    *one_line("variant", "sku"),
    ("variant_sku_length_check", change("variant", "sku = repeat('a', 41)")),
    ("variant_variantstate_check", change("variant", "state = 'GONE'")),
    ("variant_price_check", change("variant", "price = -1")),
    ("variant_price_check", change("variant", "price = 1000000000001")),
    ("variant_compare_at_check", change("variant", "compare_at = price")),
    ("variant_compare_at_check", change("variant", "compare_at = 1000000000001")),
    ("variant_weight_g_check", change("variant", "weight_g = -1")),
    ("variant_weight_g_check", change("variant", "weight_g = 1000001")),
    ("variant_per_order_max_check", change("variant", "per_order_max = 0")),
    ("variant_per_order_max_check", change("variant", "per_order_max = 1000")),
    ("variant_position_check", change("variant", "position = -1")),
    ("variant_options_check", change("variant", "options = '[]'")),
    ("variant_vendor_id_sku_key", copy("variant", state="RETIRED")),
    ("variant_options_key", copy("variant", sku="other")),
]
# The draft has no slug, whose foreign key would fail first.
WITH = {"product_vendor_id_fkey": "locale = locale WHERE state = 'DRAFT'"}
PASSING = [
    copy("variant", sku="other", state="RETIRED"),
    change("product", "state = 'ARCHIVED', published_at = NULL"),
]
