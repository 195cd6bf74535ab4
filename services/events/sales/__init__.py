"""The figures of a date for its vendor, and exports of them."""
