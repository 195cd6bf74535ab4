"""The schema as text, in an order to read it in."""

import strawberry
from graphql import (
    DefinitionNode,
    DirectiveDefinitionNode,
    GraphQLSchema,
    TypeDefinitionNode,
    parse,
    specified_directives,
)
from graphql.utilities.print_schema import print_directive

from tools.domains import ROOTS, domain, of_one_mutation, order

KINDS = (
    "interface_type_definition",
    "object_type_definition",
    "union_type_definition",
    "enum_type_definition",
    "scalar_type_definition",
    "input_object_type_definition",
)


def graph_of(schema: strawberry.Schema) -> GraphQLSchema:
    """The schema as graphql-core has it."""
    return schema._schema  # noqa: SLF001 - Strawberry shows it in no other way


def sdl(schema: strawberry.Schema) -> str:
    """Directives, then the roots, then the types of each domain under its heading."""
    printed, graph = schema.as_str(), graph_of(schema)
    under = ""
    texts = []
    for node in sorted(parse(printed).definitions, key=lambda node: _place(node, graph)):
        heading = _heading(node, graph)
        if heading != under and heading not in ROOTS:
            texts.append(f"# {heading}")
        under = heading
        texts.append(_text(node, printed))
    return "\n\n".join(texts) + "\n"


def _place(node: DefinitionNode, graph: GraphQLSchema) -> tuple[tuple[int, str], bool, int, str]:
    """What belongs to single mutations comes last in its domain, each input by its payload."""
    if not isinstance(node, TypeDefinitionNode):
        return ((-1, ""), False, 0, "")
    name = node.name.value
    alone = of_one_mutation(name)
    kind = 0 if alone else KINDS.index(node.kind)
    return (order(_heading(node, graph)), alone, kind, name)


def _heading(node: DefinitionNode, graph: GraphQLSchema) -> str:
    if not isinstance(node, TypeDefinitionNode):
        return ""
    return domain(graph.type_map[node.name.value])


def _text(node: DefinitionNode, printed: str) -> str:
    """As Strawberry prints it; GraphQL's own directives with their own descriptions."""
    if isinstance(node, DirectiveDefinitionNode):
        for directive in specified_directives:
            if directive.name == node.name.value:
                return print_directive(directive)
    assert node.loc  # noqa: S101 - what was just parsed has its place
    return printed[node.loc.start : node.loc.end]
