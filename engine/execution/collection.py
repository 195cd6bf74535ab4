"""Collects the fields of selection sets (GraphQL specification, section 6.3.2)."""

from collections.abc import Iterable, Mapping

from graphql import (
    DirectiveNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLIncludeDirective,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLSkipDirective,
    InlineFragmentNode,
    SelectionNode,
    SelectionSetNode,
    is_abstract_type,
    type_from_ast,
)
from graphql.execution.values import VariableValues, get_directive_values

from engine.execution.plan import Unsupported

Fields = dict[str, list[FieldNode]]
CONDITIONS = {"skip": GraphQLSkipDirective, "include": GraphQLIncludeDirective}


class FieldCollector:
    """Collects fields by their response keys, with the values of `@skip` and `@include`."""

    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: Mapping[str, FragmentDefinitionNode],
        variables: VariableValues,
    ) -> None:
        self._schema = schema
        self._fragments = fragments
        self._variables = variables

    def collect(self, type_: GraphQLObjectType, sets: Iterable[SelectionSetNode]) -> Fields:
        found: Fields = {}
        visited: set[str] = set()
        for one in sets:
            self._collect(type_, one, found, visited)
        return found

    def _collect(
        self, type_: GraphQLObjectType, within: SelectionSetNode, found: Fields, visited: set[str]
    ) -> None:
        for node in within.selections:
            if not self._is_included(node):
                continue
            if isinstance(node, FieldNode):
                key = node.alias.value if node.alias else node.name.value
                found.setdefault(key, []).append(node)
                continue
            fragment = self._fragment(node, visited)
            if fragment is not None and self._applies(fragment, type_):
                self._collect(type_, fragment.selection_set, found, visited)

    def _fragment(
        self, node: SelectionNode, visited: set[str]
    ) -> FragmentDefinitionNode | InlineFragmentNode | None:
        if isinstance(node, InlineFragmentNode):
            return node
        if not isinstance(node, FragmentSpreadNode) or node.name.value in visited:
            return None
        visited.add(node.name.value)
        fragment = self._fragments[node.name.value]
        if fragment.variable_definitions:
            raise Unsupported("fragment_variables")
        return fragment

    def _applies(
        self, fragment: FragmentDefinitionNode | InlineFragmentNode, type_: GraphQLObjectType
    ) -> bool:
        if fragment.type_condition is None:
            return True
        condition = type_from_ast(self._schema, fragment.type_condition)
        return condition is type_ or (
            is_abstract_type(condition) and self._schema.is_sub_type(condition, type_)
        )

    def _is_included(self, node: SelectionNode) -> bool:
        values = {one.name.value: self._condition(one, node) for one in node.directives or ()}
        return not values.get("skip", False) and values.get("include", True)

    def _condition(self, directive: DirectiveNode, node: SelectionNode) -> bool:
        known = CONDITIONS.get(directive.name.value)
        if known is None:
            raise Unsupported("directive")
        values = get_directive_values(known, node, self._variables)
        return bool(values and values["if"])


def condition_variables(nodes: Iterable[object]) -> set[str]:
    """Return the names of the variables in `@skip` and `@include`, on which a plan depends."""
    found: set[str] = set()
    for node in nodes:
        for directive in getattr(node, "directives", None) or ():
            for argument in directive.arguments or ():
                name = getattr(getattr(argument.value, "name", None), "value", None)
                if directive.name.value in CONDITIONS and name is not None:
                    found.add(name)
        selection_set = getattr(node, "selection_set", None)
        if selection_set is not None:
            found |= condition_variables(selection_set.selections)
    return found
