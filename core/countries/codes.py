"""The country codes of ISO 3166-1, from CLDR."""

from babel import Locale

# Two-letter codes of CLDR that are not in ISO 3166-1: reserved, private, test codes and groups.
NOT_COUNTRIES = frozenset(
    ["AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "XK", "ZZ"]
)

COUNTRIES = (
    frozenset(code for code in map(str, Locale("en").territories) if len(code) == 2) - NOT_COUNTRIES
)
