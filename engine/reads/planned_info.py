"""The `info` of resolvers that the executor calls."""

from dataclasses import dataclass

from strawberry import Info

from core.statements.selected import Selected


@dataclass
class PlannedInfo(Info):
    """Has what the plan reads of the rows of the field's page. None stands for whole rows."""

    selected: Selected | None = None
