"""Plans: the fields of an operation, with all that does not depend on a request."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    GraphQLAbstractType,
    GraphQLError,
    GraphQLField,
    GraphQLLeafType,
    GraphQLObjectType,
    OperationDefinitionNode,
)

from core.statements.selected import Selected
from engine.errors.codes import Fault
from engine.loaders import Loader

if TYPE_CHECKING:
    from engine.execution.levels import ObjectLevel
    from engine.execution.run import Run

# Types of which most values are. None of them is an error or can be awaited.
PLAIN = frozenset({str, int, float, bool, dict, list, datetime, UUID, type(None)})

Values = list[Any]
"""The values of one field for all objects of a level. An exception stands for a failed one."""

Column = Callable[[Values, set[type]], Values | None]
"""Converts values of the given types. Returns None if they must be converted one by one."""


class Unsupported(Exception):
    """Raised for an operation that graphql-core must execute as a whole. The text is a label."""


class PlanTooLarge(GraphQLError):
    """Refuses an operation whose plan would have too many fields."""

    def __init__(self, most: int) -> None:
        message = (
            f"An operation may select at most {most:,} fields. Those of an interface or a union"
            " count once for each of its types."
        )
        super().__init__(message, extensions={"code": Fault.QUERY_TOO_COMPLEX})


@dataclass(slots=True, frozen=True)
class Batch:
    """Values that a loader finds for the keys of a whole level.

    Without a `loader`, each key is (loader, key). `make` returns, once for a level, a function that
    makes the field's value of an object and of what was found for it. `attribute` is the object's,
    if it alone is the key.
    """

    loader: Loader[Any, Any] | None
    key_of: Callable[[Any], Hashable]
    # Returns the size of each object's page; None if the loader finds single rows.
    page_size: Callable[["Run", "PlannedField"], int] | None = None
    make: "Make | None" = None
    attribute: str | None = None


Make = Callable[["Run", "PlannedField"], Callable[[Any, Any], Any]]
Reader = Callable[["Run", "PlannedField", "ObjectLevel"], Values]


@dataclass(slots=True)
class PlannedField:
    """One response key of a selection.

    `non_null` has a flag for the field, then one for the items of each list within. Exactly one of
    `reader` and `batch` is set, and exactly one of `leaf`, `selection` and `abstract`. `selected`
    is what is read of the rows of its page, if it has one that needs not be whole. `depth` is how
    many lists are nested in its type. `convert` converts a whole column of a leaf without lists, if
    its values are of the `plain` types.
    """

    key: str
    nodes: list[FieldNode]
    parent: GraphQLObjectType
    definition: GraphQLField
    non_null: tuple[bool, ...]
    reader: Reader | None = None
    batch: Batch | None = None
    leaf: GraphQLLeafType | None = None
    selection: "Selection | None" = None
    abstract: GraphQLAbstractType | None = None
    selections: Mapping[str, "Selection"] = field(default_factory=dict)
    selected: Selected | None = None
    plain: frozenset[type] = frozenset()
    convert: "Column | None" = None

    name: str = field(init=False)
    depth: int = field(init=False)

    def __post_init__(self) -> None:
        self.name = self.nodes[0].name.value
        self.depth = len(self.non_null) - 1

    def __str__(self) -> str:
        return f"{self.parent}.{self.name}"


@dataclass(slots=True)
class Selection:
    """The fields to read from objects of one type.

    `assemble` makes one dict for each object from the columns of all fields. Objects of the classes
    in `rows` are of the type; others have to be asked.
    """

    type: GraphQLObjectType
    fields: list[PlannedField]
    assemble: Callable[[Sequence[Values]], list[dict[str, Any]]]
    rows: tuple[Any, ...] = ()


@dataclass(slots=True)
class Plan:
    """An operation, ready to run. `roots` run one after another; a query has one.

    `size` is the number of its planned fields, each counted once. `selected` is what is read of the
    rows of loaders; of others, whole rows are read.
    """

    operation: OperationDefinitionNode
    fragments: dict[str, FragmentDefinitionNode]
    roots: list[Selection]
    size: int
    selected: Mapping[Loader[Any, Any], Selected]
