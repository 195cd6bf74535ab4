"""Dates that are cancelled, postponed or moved: at once, and then for each ticket."""
