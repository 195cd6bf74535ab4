"""The server accepts the requests that the client guide documents."""

import pytest
from graphql import GraphQLSchema, build_schema, parse, validate

from app import create_schema
from core.settings import Settings
from engine.error_codes import Fault
from tests.clients.guide import operations, text


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    return build_schema(create_schema(Settings()).as_str())


def test_operations_are_found() -> None:
    words = "\n".join(operations()).replace("(", " ").split()
    assert {"Offers", "ClaimOffer", "VoucherChanges", "LogIn"} <= set(words)


@pytest.mark.parametrize("operation", operations(), ids=lambda found: " ".join(found.split()[:2]))
def test_operation_is_valid(schema: GraphQLSchema, operation: str) -> None:
    assert validate(schema, parse(operation)) == []


def test_every_fault_is_in_the_guide() -> None:
    guide = text()
    assert [fault for fault in Fault if f"`{fault}`" not in guide] == []
