"""One line per loader: many rows for many parents in one statement."""
