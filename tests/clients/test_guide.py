"""The server accepts the requests that the client guide documents."""

import re

import pytest
from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLSchema,
    Node,
    build_schema,
    parse,
    print_ast,
    validate,
)

from app import create_schema
from core.settings import Settings
from engine.errors.codes import Fault
from tests.clients.guide import all_blocks, operations, text


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    return build_schema(create_schema(Settings()).as_str())


def test_operations_are_found() -> None:
    words = "\n".join(operations()).replace("(", " ").split()
    assert {"Offers", "ClaimOffer", "VoucherChanges", "LogIn"} <= set(words)


@pytest.mark.parametrize("operation", operations(), ids=lambda found: " ".join(found.split()[:2]))
def test_operation_is_valid(schema: GraphQLSchema, operation: str) -> None:
    assert validate(schema, completed(parse(operation))) == []


def completed(document: DocumentNode) -> DocumentNode:
    """Add the fragments of other blocks that a document uses, as code generators do."""
    known = {one.name.value: one for text in operations() for one in fragments(parse(text))}
    definitions = list(document.definitions)
    for definition in definitions:  # grows
        have = {one.name.value for one in definitions if isinstance(one, FragmentDefinitionNode)}
        definitions += [known[name] for name in spreads(definition) - have if name in known]
    return DocumentNode(definitions=tuple(definitions))


def fragments(document: DocumentNode) -> list[FragmentDefinitionNode]:
    return [one for one in document.definitions if isinstance(one, FragmentDefinitionNode)]


def spreads(node: Node) -> set[str]:
    return set(re.findall(r"\.\.\.(?!on\b)(\w+)", print_ast(node)))


def test_every_fault_is_in_the_guide() -> None:
    guide = text()
    assert [fault for fault in Fault if f"`{fault}`" not in guide] == []


def test_every_block_is_a_file_that_tests_run() -> None:
    """Dart is not run, but the operations in it are validated."""
    run = {"graphql", "ts", "tsx", "js", "json", "sh", "python"}
    found = [block for block in all_blocks() if block.language != "dart"]
    assert [block for block in found if block.language not in run or not block.name] == []
    names = [block.name for block in found]
    assert len(names) == len(set(names))
