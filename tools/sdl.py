"""Prints the schema as SDL, sorted by domain."""

from typing import Any

import strawberry
from graphql import (
    DefinitionNode,
    DirectiveDefinitionNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    TypeDefinitionNode,
    get_named_type,
    parse,
    specified_directives,
)
from graphql.utilities.print_schema import print_directive

from core.settings import HOME

ROOTS = ("Query", "Mutation", "Subscription")
SHARED = "Basics"
PACKAGES = {path.parent.name for path in (HOME / "schema").glob("*/__init__.py")}
KINDS = (
    "interface_type_definition",
    "object_type_definition",
    "union_type_definition",
    "enum_type_definition",
    "scalar_type_definition",
    "input_object_type_definition",
)


def graph_of(schema: strawberry.Schema) -> GraphQLSchema:
    return schema._schema  # noqa: SLF001 - Strawberry has no public accessor


def sdl(schema: strawberry.Schema) -> str:
    printed, graph = schema.as_str(), graph_of(schema)
    current = ""
    texts = []
    for node in sorted(parse(printed).definitions, key=lambda node: _sort_key(node, graph)):
        heading = _heading(node, graph)
        if heading != current and heading not in ROOTS:
            texts.append(f"# {heading}")
        current = heading
        texts.append(_text(node, printed))
    return "\n\n".join(texts) + "\n"


def domain(type_: GraphQLNamedType) -> str:
    """Return the package of a type in `schema`, or "Basics".

    A connection or an edge belongs to the domain of its nodes, a union to that of its first type.
    """
    if type_.name in ROOTS:
        return type_.name
    if isinstance(type_, GraphQLUnionType):
        return domain(type_.types[0])
    if (node := _node_field(type_)) is not None:
        return domain(get_named_type(node.type))
    package = _defining_package(type_)
    return package.capitalize() if package in PACKAGES else SHARED


def heading_order(heading: str) -> tuple[int, str]:
    """Sort root types first, then shared types, then the domains by name."""
    first = (*ROOTS, SHARED)
    return (first.index(heading), "") if heading in first else (len(first), heading)


def belongs_to_one_mutation(name: str) -> bool:
    return name.endswith(("Input", "Payload")) and name != "Payload"


def _defining_package(type_: GraphQLNamedType) -> str:
    """Return the package below `schema` that declares a type or an enum's description."""
    definition: Any = type_.extensions.get("strawberry-definition")
    module: str = getattr(getattr(definition, "origin", None), "__module__", "")
    return module.split(".")[1] if "." in module else ""


def _node_field(type_: GraphQLNamedType) -> GraphQLField | None:
    if not isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
        return None
    found: GraphQLField | None = type_.fields.get("node" if "cursor" in type_.fields else "nodes")
    return found


def _sort_key(node: DefinitionNode, graph: GraphQLSchema) -> tuple[tuple[int, str], bool, int, str]:
    if not isinstance(node, TypeDefinitionNode):
        return ((-1, ""), False, 0, "")
    name = node.name.value
    last = belongs_to_one_mutation(name)
    kind = 0 if last else KINDS.index(node.kind)
    return (heading_order(_heading(node, graph)), last, kind, name)


def _heading(node: DefinitionNode, graph: GraphQLSchema) -> str:
    if not isinstance(node, TypeDefinitionNode):
        return ""
    return domain(graph.type_map[node.name.value])


def _text(node: DefinitionNode, printed: str) -> str:
    """Print a definition as Strawberry does, which omits built-in directives."""
    if isinstance(node, DirectiveDefinitionNode):
        for directive in specified_directives:
            if directive.name == node.name.value:
                return print_directive(directive)
    assert node.loc  # noqa: S101 - always set by parse()
    return printed[node.loc.start : node.loc.end]
