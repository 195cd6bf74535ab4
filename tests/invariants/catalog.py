"""Products: what is denormalized on them."""

from sqlalchemy import text

VIOLATIONS = text(
    """
    SELECT 'product whose prices are not those of its active variants' AS rule,
        product.id::text AS row
    FROM product LEFT JOIN variant ON product_id = product.id AND variant.state = 'ACTIVE'
    GROUP BY product.id
    HAVING (min_price, max_price) IS DISTINCT FROM (min(price), max(price))
    UNION ALL
    SELECT 'product in another currency than its vendor''s', product.id::text
    FROM product JOIN vendor ON vendor.id = vendor_id
    WHERE product.currency <> vendor.currency OR product.country <> vendor.country
    UNION ALL
    SELECT 'product without a slug', id::text FROM product
    WHERE NOT EXISTS (SELECT FROM product_slug WHERE product_id = product.id AND is_current)
    UNION ALL
    SELECT 'active variant that does not fit the options of its product', variant.id::text
    FROM variant JOIN product ON product.id = product_id
    WHERE variant.state = 'ACTIVE' AND product.options <> '[]' AND (
        SELECT count(*) FROM jsonb_array_elements(product.options) AS one
        WHERE one -> 'values' @> jsonb_build_array(
            jsonb_build_object('key', variant.options -> (one ->> 'key')))
    ) <> jsonb_array_length(product.options)
    LIMIT 20
    """
)
