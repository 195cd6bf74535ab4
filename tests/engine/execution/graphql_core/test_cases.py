"""The executor gives graphql-core's results in graphql-core's own cases."""

import pytest

from tests.engine.execution.comparison import assert_equal
from tests.engine.execution.graphql_core import (
    abstract,
    arguments,
    directives,
    lists,
    nonnull,
    operations,
)
from tests.engine.execution.graphql_core.case import Case, run

CASES = [
    pytest.param(case, id=f"{module.__name__.rpartition('.')[2]}: {case.name}"[:120])
    for module in (abstract, arguments, directives, lists, nonnull, operations)
    for case in module.CASES
]


@pytest.mark.parametrize("case", CASES)
async def test_the_result_is_that_of_graphql_core(case: Case) -> None:
    ours, theirs = await run(case)
    assert_equal(ours.formatted, theirs.formatted)
