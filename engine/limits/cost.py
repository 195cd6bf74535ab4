"""Calculates the cost of an operation before it runs.

Fields declare their own cost, and lists their size, as metadata.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from graphql import (
    DocumentNode,
    EnumValueNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    NullValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    get_variable_values,
    is_leaf_type,
    is_list_type,
)

from core.keyset import DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE

OBJECT_COST = 1
COUNT_COST = 10
DEFAULT_LIST_SIZE = 10


class Listed(NamedTuple):
    """The page size of the connection that a selection is in, and the cost of counting it."""

    size: int
    count_cost: int


class CostCalculator:
    """Calculates costs in one document, each fragment once.

    One point is roughly one row read. A leaf without a declared cost is free.
    """

    def __init__(
        self, schema: GraphQLSchema, document: DocumentNode, variables: Mapping[str, Any]
    ) -> None:
        self._schema = schema
        self._sent = variables
        self._variables: Mapping[str, Any] = {}
        self._costs: dict[tuple[int, str, Listed | None], int] = {}
        self._fragments = {
            node.name.value: node
            for node in document.definitions
            if isinstance(node, FragmentDefinitionNode)
        }

    def cost(self, operation: OperationDefinitionNode) -> int:
        self._variables = coerce_variables(self._schema, operation, self._sent)
        root = self._schema.get_root_type(operation.operation)
        return self._selections(operation.selection_set, root, None) if root else 0

    def _selections(
        self, selections: SelectionSetNode | None, type_: GraphQLNamedType, page: Listed | None
    ) -> int:
        if selections is None:
            return 0
        key = (id(selections), type_.name, page)
        if key not in self._costs:
            self._costs[key] = sum(
                self._selection(node, type_, page) for node in selections.selections
            )
        return self._costs[key]

    def _selection(self, node: SelectionNode, type_: GraphQLNamedType, page: Listed | None) -> int:
        if isinstance(node, FragmentSpreadNode):
            fragment = self._fragments.get(node.name.value)
            on = self._schema.get_type(fragment.type_condition.name.value) if fragment else None
            return self._selections(fragment.selection_set, on, page) if fragment and on else 0
        if isinstance(node, InlineFragmentNode):
            condition = node.type_condition
            on = self._schema.get_type(condition.name.value) if condition else type_
            return self._selections(node.selection_set, on or type_, page)
        if isinstance(node, FieldNode) and isinstance(
            type_, GraphQLObjectType | GraphQLInterfaceType
        ):
            field = type_.fields.get(node.name.value)
            return self._field(node, field, page) if field else 0
        return 0

    def _field(self, node: FieldNode, field: GraphQLField, page: Listed | None) -> int:
        """Return the cost; the page size of a connection applies to the lists in it."""
        metadata = field_metadata(field)
        named = get_named_type(field.type)
        own: int = metadata.get("cost", 0 if is_leaf_type(named) else OBJECT_COST)
        own += self._arguments_cost(node, metadata.get("argument_costs", {}))
        if is_leaf_type(named):
            return page.count_cost if page and metadata.get("counts") else own
        requested = self._requested_size(node, field, metadata)
        if not is_list_type(get_nullable_type(field.type)):
            listed = requested and Listed(requested, metadata.get("count_cost", COUNT_COST))
            return own + self._selections(node.selection_set, named, listed or None)
        size = requested or (page and page.size) or metadata.get("size", DEFAULT_LIST_SIZE)
        return own + size * (OBJECT_COST + self._selections(node.selection_set, named, None))

    def _arguments_cost(self, node: FieldNode, costs: Mapping[str, int]) -> int:
        """Return the cost of the arguments, and of those that cost more together, by name.

        A field of an input is named after its argument, `where.near`, and a value of an enum too:
        `orderBy=FOR_YOU`.
        """
        if not costs:
            return 0
        given: set[str] = set()
        for one in node.arguments or ():
            if not self._is_null(one.value):
                name = one.name.value
                given |= {name, *(f"{name}.{field}" for field in self._given_fields(one.value))}
                given.add(f"{name}={self._enum_value(one.value)}")
        return sum(cost for names, cost in costs.items() if given.issuperset(names.split()))

    def _enum_value(self, node: ValueNode) -> str | None:
        if isinstance(node, VariableNode):
            return enum_value(self._variables.get(node.name.value))
        return node.value if isinstance(node, EnumValueNode) else None

    def _given_fields(self, node: ValueNode) -> Iterator[str]:
        """Yield the fields of an input that are neither null nor false."""
        if isinstance(node, VariableNode):
            yield from given_fields(self._variables.get(node.name.value))
        elif isinstance(node, ObjectValueNode):
            yield from (one.name.value for one in node.fields if not self._is_off(one.value))

    def _is_off(self, node: ValueNode) -> bool:
        if isinstance(node, VariableNode):
            return self._variables.get(node.name.value) in (None, False)
        return isinstance(node, NullValueNode) or getattr(node, "value", None) is False

    def _is_null(self, node: ValueNode) -> bool:
        if isinstance(node, VariableNode):
            return self._variables.get(node.name.value) is None
        return isinstance(node, NullValueNode)

    def _requested_size(
        self, node: FieldNode, field: GraphQLField, metadata: Mapping[str, Any]
    ) -> int | None:
        """Return the number of entries requested; None without such an argument."""
        sized_by = metadata.get("sized_by")
        if sized_by is None and not field.args.keys() & {"first", "last"}:
            return None
        for argument in node.arguments or ():
            if argument.name.value in {"first", "last", sized_by}:
                size = self._size(argument.value)
                if size is not None:
                    return size
        default: int = metadata.get("size", DEFAULT_PAGE_SIZE)
        return default

    def _size(self, node: ValueNode) -> int | None:
        value: Any = node
        if isinstance(node, VariableNode):
            value = self._variables.get(node.name.value)
        elif isinstance(node, IntValueNode):
            value = int(node.value)
        elif isinstance(node, ListValueNode):
            value = node.values
        return size_of(value)


def coerce_variables(
    schema: GraphQLSchema, operation: OperationDefinitionNode, sent: Mapping[str, Any]
) -> Mapping[str, Any]:
    """Return the values that are executed: with defaults, and 100 for a `100.0` in JSON.

    If they are invalid, return them as sent: execution reports the error and reads nothing.
    """
    definitions = operation.variable_definitions or ()
    values = get_variable_values(schema, definitions, dict(sent), max_errors=1)
    return sent if isinstance(values, list) else values.coerced


def size_of(value: Any) -> int | None:
    """Return the number of entries that the value of an argument requests, None for no number."""
    if isinstance(value, list | tuple):
        return len(value)
    return min(max(value, 0), MAX_PAGE_SIZE) if isinstance(value, int) else None


def given_fields(value: Any) -> Iterator[str]:
    """Yield the fields of the value of an input that are neither null nor false."""
    if isinstance(value, Mapping):
        yield from (name for name, one in value.items() if one is not None and one is not False)


def enum_value(value: Any) -> str | None:
    """Return the name of a value of an enum, which may be text as it was sent."""
    return str(value) if isinstance(value, str) else None


def field_metadata(field: GraphQLField) -> Mapping[str, Any]:
    definition: Any = field.extensions.get("strawberry-definition")
    return definition.metadata if definition is not None else {}
