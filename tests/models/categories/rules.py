"""The database constraints on categories, with SQL that violates each of them."""

from tests.models.sql import change

RULES = [
    ("category_path_ends_in_slug_check", change("category", "path = 'elsewhere/'")),
    ("category_slug_check", change("category", "slug = 'A', path = 'A/'")),
    ("category_slug_check", change("category", "slug = 'a--b', path = 'a--b/'")),
    (
        "category_slug_check",
        change("category", "slug = repeat('x', 61), path = repeat('x', 61) || '/'"),
    ),
    ("category_depth_check", change("category", "path = 'a/a/a/a/a/' || slug || '/'")),
    ("category_position_check", change("category", "position = -1")),
    ("category_path_key", change("category", "path = 'a/', slug = 'a'")),
]
