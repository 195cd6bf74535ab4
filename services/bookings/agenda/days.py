"""How many days an agenda has."""

from enum import StrEnum


class AgendaSpan(StrEnum):
    DAY = "DAY"
    WEEK = "WEEK"

    @property
    def days(self) -> int:
        return 7 if self is AgendaSpan.WEEK else 1
