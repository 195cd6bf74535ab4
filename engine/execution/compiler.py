"""Makes plans of operations."""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLField,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    is_abstract_type,
    is_leaf_type,
)
from graphql.execution.values import VariableValues
from strawberry import relay
from strawberry.schema import BaseSchema
from strawberry.types.field import StrawberryField

from core.statements.records import row_types
from engine.execution import readers
from engine.execution.arguments import Arguments
from engine.execution.collection import FieldCollector
from engine.execution.leaves import NULL, column_of, plain_types
from engine.execution.plan import (
    Batch,
    Plan,
    PlannedField,
    PlanTooLarge,
    Reader,
    Selection,
    Unsupported,
    Values,
)
from engine.execution.row_columns import select_rows
from engine.field_kinds import (
    Column,
    Loaded,
    LocalizedColumn,
    Related,
    RelatedByKind,
    RelatedPage,
)
from engine.strawberry_internals import declared_class, declared_field, graphql_schema
from engine.types import Rows

Assemble = Callable[[Sequence[Values]], list[dict[str, Any]]]


MAX_PLANNED_FIELDS = 2_000
"""A document of 1,000 tokens has fewer fields, but those of an interface or a union are planned for
each of its types: 15 times 31 fields of `Node` were 9,000."""


class Compiler:
    """Makes the plan of one operation, for one set of values of `@skip` and `@include`.

    Equal selection sets of one type are planned once, or a fragment that each of twelve levels
    selects twice would be planned 4,096 times. Raises `Unsupported`, `PlanTooLarge`, and
    `GraphQLError` for a condition without a value.
    """

    def __init__(
        self,
        schema: BaseSchema,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        variables: VariableValues,
    ) -> None:
        self._strawberry = schema
        self._schema = graphql_schema(schema)
        self._operation = operation
        self._fragments = {
            node.name.value: node
            for node in document.definitions
            if isinstance(node, FragmentDefinitionNode)
        }
        self._fields = FieldCollector(self._schema, self._fragments, variables)
        self._selections: dict[tuple[str, tuple[int, ...]], Selection] = {}
        self._size = 0

    def plan(self) -> Plan:
        root = self._schema.get_root_type(self._operation.operation)
        if root is None:
            raise Unsupported("operation_type")
        selection = self._selection(root, [self._operation.selection_set])
        roots = [selection]
        if self._operation.operation is OperationType.MUTATION:
            roots = [Selection(root, [one], _assembler((one.key,))) for one in selection.fields]
        selected = select_rows(roots)
        return Plan(self._operation, self._fragments, roots, self._size, selected)

    def _selection(self, type_: GraphQLObjectType, sets: Sequence[SelectionSetNode]) -> Selection:
        key = (type_.name, tuple(map(id, sets)))
        if key not in self._selections:
            self._selections[key] = self._plan_selection(type_, sets)
        return self._selections[key]

    def _plan_selection(
        self, type_: GraphQLObjectType, sets: Iterable[SelectionSetNode]
    ) -> Selection:
        collected = self._fields.collect(type_, sets)
        self._size += len(collected)
        if self._size > MAX_PLANNED_FIELDS:
            raise PlanTooLarge(MAX_PLANNED_FIELDS)
        fields = [self._field(type_, key, nodes) for key, nodes in collected.items()]
        rows = _row_types(type_)
        return Selection(type_, fields, _assembler(tuple(collected)), rows)

    def _field(self, parent: GraphQLObjectType, key: str, nodes: list[FieldNode]) -> PlannedField:
        name = nodes[0].name.value
        definition = self._schema.get_field(parent, name)
        if definition is None or name in {"__schema", "__type"}:
            raise Unsupported("introspection")
        non_null, kind = _unwrap(definition)
        planned = PlannedField(key, nodes, parent, definition, non_null)
        self._add_source(planned)
        if is_leaf_type(kind):
            planned.leaf = kind
            if planned.depth == 0:
                planned.convert = column_of(kind)
                nullable = () if non_null[0] else (NULL,)
                planned.plain = plain_types(kind).union(nullable)
            return planned
        sets = [node.selection_set for node in nodes if node.selection_set]
        if is_abstract_type(kind):
            planned.abstract = kind
            possible = self._schema.get_possible_types(kind)
            planned.selections = {one.name: self._selection(one, sets) for one in possible}
        elif isinstance(kind, GraphQLObjectType):
            planned.selection = self._selection(kind, sets)
        return planned

    def _add_source(self, planned: PlannedField) -> None:
        """Decide how the field's values are found."""
        field = declared_field(planned.definition)
        if planned.name == "__typename":
            planned.reader = readers.constant(planned.parent.name)
        elif field is None or field.is_subscription:
            planned.reader = readers.as_graphql_core(planned.definition)
        elif field.extensions:
            planned.reader = self._called(field, planned)
        else:
            planned.batch = self._batch(field, planned)
            planned.reader = None if planned.batch else self._reader(field, planned)

    def _batch(self, field: StrawberryField, planned: PlannedField) -> Batch | None:
        match field:
            case Related():
                attribute = field.by if isinstance(field.by, str) else None
                return Batch(field.loader, field.key_of(), attribute=attribute)
            case RelatedByKind():
                return Batch(None, field.key_of)
            case RelatedPage():
                arguments = self._arguments(field, planned)
                return Batch(
                    field.loader,
                    attrgetter(field.by),
                    lambda run, _: field.size(**arguments.read(run.variables)),
                )
            case Loaded():
                make = readers.make_of_loaded(field, self._arguments(field, planned))
                return Batch(field.loader, attrgetter(field.by), make=make)
        return None

    def _reader(self, field: StrawberryField, planned: PlannedField) -> Reader:
        if isinstance(field, LocalizedColumn):
            return readers.localized_text(field, self._arguments(field, planned))
        if isinstance(field, Column):
            return readers.attribute(field.attribute)
        if type(field) is not StrawberryField:
            return readers.as_graphql_core(planned.definition)
        if field.base_resolver is None:
            return readers.attribute(field.python_name)
        # The id of a Node is a method of a class.
        if attribute := _id_attribute(planned):
            return readers.global_id(planned.parent.name, attribute)
        return self._called(field, planned)

    def _called(self, field: StrawberryField, planned: PlannedField) -> Reader:
        if readers.can_be_called(field):
            return readers.resolver(field, self._arguments(field, planned))
        return readers.as_graphql_core(planned.definition)

    def _arguments(self, field: StrawberryField, planned: PlannedField) -> Arguments:
        return Arguments(self._strawberry, field, planned.definition, planned.nodes[0])


def _unwrap(field: GraphQLField) -> tuple[tuple[bool, ...], GraphQLNamedType]:
    """Return whether the field, and the items of each list in it, are non-null; and its type."""
    kind: Any = field.type
    non_null: list[bool] = []
    while True:
        non_null.append(isinstance(kind, GraphQLNonNull))
        kind = kind.of_type if isinstance(kind, GraphQLNonNull) else kind
        if not isinstance(kind, GraphQLList):
            return tuple(non_null), kind
        kind = kind.of_type


def _id_attribute(planned: PlannedField) -> str | None:
    """Return the attribute that the field `id` of a Node encodes, unless it is overridden."""
    origin: Any = declared_class(planned.parent)
    default: Any = relay.Node
    is_default = (
        planned.name == "id"
        and issubclass(origin, default)
        and origin.resolve_id.__func__ is default.resolve_id.__func__
        and origin.resolve_typename.__func__ is default.resolve_typename.__func__
    )
    return origin.resolve_id_attr() if is_default else None


def _row_types(type_: GraphQLObjectType) -> tuple[type[Any], ...]:
    """Return the classes whose objects `Rows.is_type_of` accepts."""
    kind = declared_class(type_)
    if type_.is_type_of is None or not issubclass(kind, Rows):
        return ()
    return row_types(kind.table)


@lru_cache(maxsize=256)
def _assembler(keys: tuple[str, ...]) -> Assemble:
    """Return a function that makes dicts with these keys from columns.

    A dict display takes a third of the time of `dict(zip(keys, row))`. The keys are GraphQL names:
    letters, digits and underscores, at most 50,000 in all, as in a document.
    """
    names = [f"c{number}" for number in range(len(keys))]
    pairs = ", ".join(f"{key!r}: {name}" for key, name in zip(keys, names, strict=True))
    source = f"lambda columns: [{{{pairs}}} for {', '.join(names)}, in zip(*columns)]"
    assemble: Assemble = eval(source, {}) if keys else lambda _: []  # noqa: S307 - names that GraphQL allows
    return assemble
