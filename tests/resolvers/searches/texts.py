"""Texts that mutations of saved searches take."""

ONE_LINE = {
    "saveSearch.name",
    "saveSearch.conditions.search",
    "updateSavedSearch.name",
    "updateSavedSearch.conditions.search",
}
CODES = {"saveSearch.conditions.pinCode", "updateSavedSearch.conditions.pinCode"}
