"""The server accepts the requests that docs/clients.md documents."""

import pytest
from graphql import GraphQLSchema, build_schema, parse, validate

from app import create_schema
from core.settings import Settings
from engine.error_codes import Fault
from tests.clients.guide import GUIDE, operations


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    return build_schema(create_schema(Settings()).as_str())


def test_operations_are_found() -> None:
    text = "\n".join(operations())
    assert {"Offers", "ClaimOffer", "VoucherChanges", "VerifyEmail"} <= set(
        text.replace("(", " ").split()
    )


@pytest.mark.parametrize("operation", operations(), ids=lambda text: " ".join(text.split()[:2]))
def test_operation_is_valid(schema: GraphQLSchema, operation: str) -> None:
    assert validate(schema, parse(operation)) == []


def test_every_fault_is_in_the_guide() -> None:
    assert [fault for fault in Fault if f"`{fault}`" not in GUIDE.read_text()] == []
