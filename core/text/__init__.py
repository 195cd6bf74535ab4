"""Text: cleaned, normalized for search and in names of pages, and set on paper."""
