"""Adds to a random operation what its generator leaves out: conditions, fragments and aliases."""

from dataclasses import dataclass, field
from typing import Any

from graphql import (
    ArgumentNode,
    BooleanValueNode,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    NamedTypeNode,
    NameNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    TypeNode,
    VariableDefinitionNode,
    VariableNode,
    parse,
    parse_type,
    parse_value,
)
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

VARIABLES = {"on": "Boolean!", "off": "Boolean! = false", "late": "Boolean = true"}


@dataclass
class Conditions:
    """Puts `@skip` and `@include` on some selections, and moves others into fragments."""

    draw: DrawFn
    fragments: list[FragmentDefinitionNode] = field(default_factory=list)

    def change(self, text: str) -> DocumentNode:
        document = parse(text)
        changed = [self._definition(node) for node in document.definitions]
        return DocumentNode(definitions=(*changed, *self.fragments))

    def _definition(self, node: Any) -> Any:
        if not isinstance(node, OperationDefinitionNode):
            return node
        return OperationDefinitionNode(
            operation=node.operation,
            name=node.name,
            variable_definitions=(
                *(node.variable_definitions or ()),
                *(_declare(name, type_) for name, type_ in VARIABLES.items()),
            ),
            directives=(),
            selection_set=self._set(node.selection_set, node.operation.value.capitalize()),
        )

    def _set(self, selected: SelectionSetNode, type_name: str | None) -> SelectionSetNode:
        changed = [self._selection(node) for node in selected.selections]
        if self.draw(st.integers(0, 9)) == 0:  # the same fields once more
            changed += [self._selection(node) for node in selected.selections]
        if type_name and self.draw(st.booleans()):
            changed = [self._spread(changed, type_name)]
        return SelectionSetNode(selections=tuple(changed))

    def _selection(self, node: SelectionNode) -> SelectionNode:
        if not isinstance(node, FieldNode):
            return node
        below = self._set(node.selection_set, None) if node.selection_set else None
        return FieldNode(
            alias=node.alias,
            name=node.name,
            arguments=node.arguments,
            directives=self._directives(),
            selection_set=below,
        )

    def _spread(self, selections: list[SelectionNode], type_name: str) -> SelectionNode:
        name = NameNode(value=f"F{len(self.fragments)}")
        self.fragments.append(
            FragmentDefinitionNode(
                name=name,
                variable_definitions=(),
                type_condition=NamedTypeNode(name=NameNode(value=type_name)),
                directives=(),
                selection_set=SelectionSetNode(
                    # A fragment that spreads itself is collected once.
                    selections=(*selections, FragmentSpreadNode(name=name, directives=()))
                ),
            )
        )
        return FragmentSpreadNode(name=name, directives=self._directives())

    def _directives(self) -> tuple[DirectiveNode, ...]:
        kinds = self.draw(
            st.sampled_from([(), (), (), ("skip",), ("include",), ("skip", "include")])
        )
        return tuple(self._directive(kind) for kind in kinds)

    def _directive(self, kind: str) -> DirectiveNode:
        value: Any = self.draw(st.sampled_from([True, False, *VARIABLES]))
        condition = (
            BooleanValueNode(value=value)
            if isinstance(value, bool)
            else VariableNode(name=NameNode(value=value))
        )
        argument = ArgumentNode(name=NameNode(value="if"), value=condition)
        return DirectiveNode(name=NameNode(value=kind), arguments=(argument,))


def _declare(name: str, declared: str) -> VariableDefinitionNode:
    type_, _, default = declared.partition(" = ")
    kind: TypeNode = parse_type(type_)
    value: Any = parse_value(default) if default else None
    return VariableDefinitionNode(
        variable=VariableNode(name=NameNode(value=name)),
        type=kind,
        default_value=value,
        directives=(),
    )


@st.composite
def conditional(draw: DrawFn, texts: st.SearchStrategy[str]) -> DocumentNode:
    """Draw a document with conditions on its fields."""
    return Conditions(draw).change(draw(texts))


@st.composite
def values(draw: DrawFn) -> dict[str, bool]:
    """Draw the variables of the conditions. Those with a default can be left out."""
    given = {name: draw(st.booleans()) for name in VARIABLES}
    return {name: one for name, one in given.items() if name == "on" or draw(st.booleans())}
