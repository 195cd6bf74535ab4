"""The short path does the work of every extension of the schema."""

import pytest
from strawberry.extensions import DisableIntrospection

from app import create_schema
from core.settings import Settings
from engine.errors.conversion import ErrorFormatter
from engine.execution.extension import Execution
from engine.instrumentation import Instrumentation
from engine.limits.document_parsing import DocumentParsing
from engine.limits.extension import RequestLimits

# `execute_known` states what it does of each.
KNOWN = [Instrumentation, ErrorFormatter, DocumentParsing, RequestLimits, Execution]


@pytest.mark.parametrize(("introspection", "more"), [(True, []), (False, [DisableIntrospection])])
def test_there_are_no_other_extensions(introspection: bool, more: list[type]) -> None:
    schema = create_schema(Settings(introspection=introspection))
    assert [type(one) for one in schema.get_extensions()] == KNOWN + more
