"""Keeps the plans of a document."""

from collections.abc import Callable
from typing import Any

from graphql import DocumentNode, OperationDefinitionNode
from graphql.execution.values import VariableValues

from core.observability import metrics
from engine.execution.collection import condition_variables
from engine.execution.plan import Plan, Unsupported

MAX_PLANS = 8


class PlanCache:
    """The plans of one document, dropped with it.

    A plan depends on the operation and on the values of the variables in `@skip` and `@include`. An
    operation that graphql-core has to execute has None. More than eight are made each time.
    """

    def __init__(self, document: DocumentNode) -> None:
        self._conditions = sorted(condition_variables(document.definitions))
        self._plans: dict[tuple[Any, ...], Plan | None] = {}

    def __len__(self) -> int:
        return len(self._plans)

    def find(
        self,
        operation: OperationDefinitionNode,
        variables: VariableValues,
        make: Callable[[], Plan],
    ) -> Plan | None:
        """Return the plan, and make it if it is new. Raises the errors of `make`."""
        name = operation.name.value if operation.name else None
        key = (name, *(variables.coerced.get(one) for one in self._conditions))
        if key in self._plans:
            plan = self._plans[key]
        else:
            plan = _make(make)
            if len(self._plans) < MAX_PLANS:
                self._plans[key] = plan
        return plan


def _make(make: Callable[[], Plan]) -> Plan | None:
    try:
        return make()
    except Unsupported as reason:
        metrics.EXECUTOR_FALLBACKS.labels(str(reason)).inc()
        return None
