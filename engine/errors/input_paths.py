"""Finds the argument or input field that has an invalid value.

Coercion errors point to a place in the document, or to a variable. Clients show them next to a form
field, so they get its path: from the root field's arguments, and in a mutation from its `input`, as
in the `field` of its payload errors.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from graphql import (
    ArgumentNode,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSchema,
    ListValueNode,
    Node,
    ObjectFieldNode,
    ObjectValueNode,
    OperationDefinitionNode,
    VariableDefinitionNode,
    VariableNode,
    get_named_type,
    is_input_object_type,
    is_list_type,
    is_non_null_type,
    type_from_ast,
    value_from_ast_untyped,
)
from strawberry.exceptions import StrawberryInputCoercionError
from strawberry.relay import GlobalID
from strawberry.relay.types import GlobalIDValueError

Path = tuple[str, ...]

# graphql-core puts the path of a variable's value, and of a missing or unknown field, in its text.
_PLACE = re.compile(r"Variable '\$\w+' has invalid value(?: at (?P<path>[\w.\[\]]+))?: ")
_FIELD = re.compile(r"(?:required|unknown) field '(?P<name>\w+)'")
_PART = re.compile(r"\w+")


def find_path(
    error: GraphQLError,
    schema: GraphQLSchema,
    document: DocumentNode | None,
    variables: Mapping[str, Any],
) -> list[str] | None:
    """Return the path of the invalid value of a coercion error, or None if it is another error."""
    if document is None:
        return None
    node = error.nodes[0] if error.nodes else None
    found: Path | None = None
    if isinstance(node, VariableDefinitionNode):
        found = _in_variable(error, document, node.variable.name.value)
    elif isinstance(node, FieldNode):
        found = _in_field(error, schema, document, node, variables)
    elif node is not None:
        found = next((path for one, path in _values(document) if one is node), None)
        found = found and found + _named_field(error, node)
    elif "OneOf" in error.message or "member field" in error.message:
        found = _in_variables(schema, document, variables)
    return list(found[1:] if found[:1] == ("input",) else found) if found else None


def _in_variable(error: GraphQLError, document: DocumentNode, name: str) -> Path | None:
    place = _PLACE.match(error.message)
    usage = _usage(document, name)
    if place is None or usage is None:
        return None
    inside = tuple(_PART.findall(place["path"] or ""))
    return usage + inside + _named_field(error, None)


def _named_field(error: GraphQLError, node: Node | None) -> Path:
    """Return the field that is missing in an input object, or unknown, if it names one."""
    named = _FIELD.search(error.message)
    known = isinstance(node, ObjectFieldNode)  # its path has the name already
    return (named["name"],) if named and not known else ()


def _in_field(
    error: GraphQLError,
    schema: GraphQLSchema,
    document: DocumentNode,
    node: FieldNode,
    variables: Mapping[str, Any],
) -> Path | None:
    """Search the arguments of an executed field: Strawberry converts ids and @oneOf inputs."""
    is_id = isinstance(error.original_error, GlobalIDValueError)
    if not (is_id or isinstance(error.original_error, StrawberryInputCoercionError)):
        return None
    definition = _root_field(schema, document, node)
    for argument in (node.arguments or ()) if definition else ():
        declared = definition.args.get(argument.name.value)
        value = value_from_ast_untyped(argument.value, dict(variables))
        found = next(_invalid(value, declared.type), None) if declared else None
        if found is not None:
            return (argument.name.value, *found)
    return None


def _in_variables(
    schema: GraphQLSchema, document: DocumentNode, variables: Mapping[str, Any]
) -> Path | None:
    for operation in document.definitions:
        if isinstance(operation, OperationDefinitionNode):
            for definition in operation.variable_definitions or ():
                name = definition.variable.name.value
                kind = type_from_ast(schema, definition.type)
                inside = next(_invalid(variables.get(name), kind), None)
                usage = _usage(document, name)
                if inside is not None and usage is not None:
                    return usage + inside
    return None


def _invalid(value: Any, kind: Any) -> Iterator[Path]:
    """Yield the paths of @oneOf inputs without exactly one value, and of invalid ids."""
    if kind is None or value is None:
        return
    if is_non_null_type(kind):
        yield from _invalid(value, kind.of_type)
    elif is_list_type(kind):
        for place, entry in enumerate(value if isinstance(value, list) else [value]):
            yield from ((str(place), *path) for path in _invalid(entry, kind.of_type))
    elif is_input_object_type(kind) and isinstance(value, Mapping):
        given = [name for name, one in value.items() if one is not None]
        if _is_one_of(kind) and (len(value) != 1 or len(given) != 1):
            yield ()
        for name in given:
            if name in kind.fields:
                yield from ((name, *path) for path in _invalid(value[name], kind.fields[name].type))
    elif get_named_type(kind).name == "ID" and not _is_id(value):
        yield ()


def _is_one_of(kind: Any) -> bool:
    definition = kind.extensions.get("strawberry-definition")
    return bool(definition and definition.is_one_of)


def _is_id(value: object) -> bool:
    try:
        GlobalID.from_id(str(value))
    except GlobalIDValueError:
        return False
    return True


def _root_field(schema: GraphQLSchema, document: DocumentNode, node: FieldNode) -> Any:
    """Return the definition of a field if it is a root field, as those of mutations are."""
    for operation in document.definitions:
        if isinstance(operation, OperationDefinitionNode):
            root = schema.get_root_type(operation.operation)
            if root and node in operation.selection_set.selections:
                return root.fields.get(node.name.value)
    return None


def _usage(document: DocumentNode, name: str) -> Path | None:
    """Return the path of the first value that is this variable."""
    places = _values(document)
    return next(
        (
            path
            for node, path in places
            if isinstance(node, VariableNode) and node.name.value == name
        ),
        None,
    )


def _values(document: DocumentNode) -> Iterator[tuple[Node, Path]]:
    """Yield the values in the document, and the path of each in its field's arguments."""
    pending: list[tuple[Node, Path]] = [(document, ())]
    while pending:
        node, path = pending.pop()
        if isinstance(node, ArgumentNode | ObjectFieldNode):
            path = (*path, node.name.value)
        if path:
            yield node, path
        pending.extend(reversed(list(_inside(node, path))))


def _inside(node: Node, path: Path) -> Iterator[tuple[Node, Path]]:
    """Yield the nodes in a node, and the path of each up to its own name."""
    if isinstance(node, ArgumentNode | ObjectFieldNode):
        yield node.value, path
    elif isinstance(node, ListValueNode):
        yield from ((one, (*path, str(place))) for place, one in enumerate(node.values))
    elif isinstance(node, ObjectValueNode):
        yield from ((field, path) for field in node.fields)
    elif isinstance(node, FieldNode | FragmentSpreadNode | DirectiveNode):
        yield from ((argument, ()) for argument in node.arguments or ())
    for name in ("definitions", "directives", "selection_set", "selections"):
        child = getattr(node, name, None) or ()
        nodes = (child,) if isinstance(child, Node) else child
        yield from ((one, ()) for one in nodes)
