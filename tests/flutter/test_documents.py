"""The GraphQL documents of docs/flutter.md against the schema."""

import pytest
from graphql import GraphQLSchema, build_schema, parse, validate

from app import create_schema
from core.settings import Settings
from tests.flutter.guide import operations


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    return build_schema(create_schema(Settings()).as_str())


@pytest.mark.parametrize("operation", operations(), ids=lambda text: " ".join(text.split()[:2]))
def test_operation_is_valid(schema: GraphQLSchema, operation: str) -> None:
    assert validate(schema, parse(operation)) == []
