"""The GraphQL documents of the guide for Flutter against the schema."""

import pytest
from graphql import NoUnusedFragmentsRule, parse, print_ast, specified_rules, validate

from tests.flutter.guide import blocks, document, fragments, operations, schema, strings


def test_documents_are_found() -> None:
    assert {"Voucher", "VoucherChanges", "Thread", "LogIn", "RedeemVoucher"} <= set(operations())
    assert [parse(text).definitions[0].name.value for text in strings()] == ["RefreshSession"] * 2  # type: ignore[attr-defined]


def test_the_document_of_the_session_is_the_same_in_both_files() -> None:
    assert len(set(strings())) == 1


@pytest.mark.parametrize("typename", [False, True], ids=["printed", "sent"])
@pytest.mark.parametrize("name", operations())
def test_operation_is_valid(name: str, typename: bool) -> None:
    text = document(name, typename=typename)
    assert validate(schema(), parse(text)) == []
    assert typename == ("__typename" in text)


@pytest.mark.parametrize("text", strings())
def test_document_in_dart_is_valid(text: str) -> None:
    assert validate(schema(), parse(text)) == []


def test_every_fragment_is_used_and_named_once() -> None:
    for block in blocks("graphql"):
        rules = [rule for rule in specified_rules if rule is NoUnusedFragmentsRule]
        assert validate(schema(), parse(block.text), rules) == [], block.name
    assert sum(block.text.count("\nfragment ") for block in blocks("graphql")) == len(fragments())


def test_every_mutation_selects_its_errors() -> None:
    for name, node in operations().items():
        if node.operation.value == "mutation":
            (root,) = node.selection_set.selections
            text = " ".join(print_ast(root).split())
            assert "errors { code message field" in text, name


def test_typename_beside_the_root_of_a_subscription_is_invalid() -> None:
    """So `addTypenameExcludedPaths` in build.yaml is required."""
    text = document("VoucherChanges", typename=True).replace(
        "  redemptionStatus", "  __typename redemptionStatus", 1
    )
    (error, *_) = validate(schema(), parse(text))
    assert "one top level field" in error.message
