"""The schema as the code has it; no server is asked."""

import pytest
import strawberry
from graphql import GraphQLSchema

from app import create_schema
from core.settings import Settings


@pytest.fixture(scope="session")
def haat() -> strawberry.Schema:
    return create_schema(Settings())


@pytest.fixture(scope="session")
def graph(haat: strawberry.Schema) -> GraphQLSchema:
    """The schema as graphql-core has it."""
    return haat._schema
