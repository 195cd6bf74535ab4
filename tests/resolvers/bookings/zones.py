"""A time zone in which tests of a day do not depend on the hour."""

from core.clock import now


def zone_at_noon() -> str:
    """Return a time zone in which it is about noon, so that the hours around now are of one day."""
    return f"Etc/GMT{now().hour - 12:+d}"
