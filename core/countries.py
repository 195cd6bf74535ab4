"""The countries of ISO 3166-1, as CLDR knows them."""

from babel import Locale

# Two letters that CLDR has and ISO 3166-1 doesn't: reserved, private, for tests, and groups.
OTHERS = frozenset(
    ["AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "XK", "ZZ"]
)

COUNTRIES = (
    frozenset(code for code in map(str, Locale("en").territories) if len(code) == 2) - OTHERS
)
