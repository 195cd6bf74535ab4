"""Commands of `haat` that need more than a few lines, and the checks before a start."""
