"""Texts of saved searches that need no type of models/text.py."""

CHECKED = "only listed values pass"
DERIVED = "made by the server of other columns"
POSTAL = "normalized to letters and digits"
UNTYPED = {
    "SavedSearch.anchors": DERIVED,
    "SavedSearch.country": CHECKED,
    "SavedSearch.discount_kinds": CHECKED,
    "SavedSearch.pin_code": POSTAL,
    "SearchConditions.country": CHECKED,
    "SearchConditions.pin_code": POSTAL,
    "SavedSearch.query": DERIVED,
}
