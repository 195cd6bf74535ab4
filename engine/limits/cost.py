"""What an operation costs, before it runs.

A field says its own cost, and a list how long it may be, where it is declared; a
page is as long as `first` or `last` asks for. Nothing is kept in a table beside it.
"""

from collections.abc import Mapping
from typing import Any

from graphql import (
    DocumentNode,
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
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
    is_list_type,
)

from core.keyset import DEFAULT_SIZE, MOST

OBJECT = 1
UNPAGED = 10


class Pricing:
    """Prices selections of one document; each fragment is priced once, however often it is spread.

    The unit is roughly one row read. A leaf that says nothing costs nothing.
    """

    def __init__(
        self, schema: GraphQLSchema, document: DocumentNode, variables: Mapping[str, Any]
    ) -> None:
        self._schema = schema
        self._variables = variables
        self._known: dict[tuple[int, str, int | None], int] = {}
        self._fragments = {
            node.name.value: node
            for node in document.definitions
            if isinstance(node, FragmentDefinitionNode)
        }

    def price(self, operation: OperationDefinitionNode) -> int:
        root = self._schema.get_root_type(operation.operation)
        return self._selections(operation.selection_set, root, None) if root else 0

    def _selections(
        self, selections: SelectionSetNode | None, type_: GraphQLNamedType, page: int | None
    ) -> int:
        if selections is None:
            return 0
        key = (id(selections), type_.name, page)
        if key not in self._known:
            self._known[key] = sum(
                self._selection(node, type_, page) for node in selections.selections
            )
        return self._known[key]

    def _selection(self, node: SelectionNode, type_: GraphQLNamedType, page: int | None) -> int:
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

    def _field(self, node: FieldNode, field: GraphQLField, page: int | None) -> int:
        """A page's length falls to the lists of its connection; other lists bring their own."""
        told = declared(field)
        named = get_named_type(field.type)
        own: int = told.get("cost", 0 if is_leaf_type(named) else OBJECT)
        if is_leaf_type(named):
            return own
        asked = self._asked(node, field, told)
        if not is_list_type(get_nullable_type(field.type)):
            return own + self._selections(node.selection_set, named, asked)
        size = asked or page or told.get("size", UNPAGED)
        return own + size * (OBJECT + self._selections(node.selection_set, named, None))

    def _asked(self, node: FieldNode, field: GraphQLField, told: Mapping[str, Any]) -> int | None:
        """How many entries the caller asks for; None for a field that takes no such argument."""
        counted = told.get("sized_by")
        if counted is None and not field.args.keys() & {"first", "last"}:
            return None
        for argument in node.arguments or ():
            if argument.name.value in {"first", "last", counted}:
                size = self._size(argument.value)
                if size is not None:
                    return size
        default: int = told.get("size", DEFAULT_SIZE)
        return default

    def _size(self, node: ValueNode) -> int | None:
        """What an argument says of a list's length: a number, or the length of a list given."""
        value: Any = node
        if isinstance(node, VariableNode):
            value = self._variables.get(node.name.value)
        elif isinstance(node, IntValueNode):
            value = int(node.value)
        elif isinstance(node, ListValueNode):
            value = node.values
        if isinstance(value, list | tuple):
            return len(value)
        return min(max(value, 0), MOST) if isinstance(value, int) else None


def declared(field: GraphQLField) -> Mapping[str, Any]:
    """What a field says of its price: its `cost`, its `size`, or what it is `sized_by`."""
    told: Any = field.extensions.get("strawberry-definition")
    return told.metadata if told is not None else {}
