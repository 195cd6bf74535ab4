"""Keeps the plans of a document."""

from collections.abc import Callable
from typing import Any

from graphql import DocumentNode, OperationDefinitionNode
from graphql.execution.values import VariableValues

from core.observability import metrics
from engine.execution.collection import condition_variables
from engine.execution.plan import Plan, PlanTooLarge, Unsupported

MAX_PLANS = 8

Made = Plan | PlanTooLarge | None


class PlanCache:
    """The plans of one document, dropped with it.

    A plan depends on the operation and on the values of the variables in `@skip` and `@include`. An
    operation that graphql-core has to execute has None, one that is too large its error. More than
    eight are made each time. `on_kept` is called with the size of each plan that is kept.
    """

    def __init__(self, document: DocumentNode) -> None:
        self._conditions = sorted(condition_variables(document.definitions))
        self._plans: dict[tuple[Any, ...], Made] = {}
        self.on_kept: Callable[[int], None] = lambda _: None

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
        given = (variables.coerced.get(one) for one in self._conditions)
        # Another operation of the document may have a variable of this name and any type.
        key = (name, *(one if isinstance(one, bool) else None for one in given))
        plan = self._plans[key] if key in self._plans else self._make(key, make)
        if isinstance(plan, PlanTooLarge):
            raise plan.with_traceback(None)
        return plan

    def _make(self, key: tuple[Any, ...], make: Callable[[], Plan]) -> Made:
        plan = _plan(make)
        if len(self._plans) < MAX_PLANS:
            self._plans[key] = plan
            if isinstance(plan, Plan):
                self.on_kept(plan.size)
        return plan


def _plan(make: Callable[[], Plan]) -> Made:
    metrics.EXECUTOR_PLANS.inc()
    try:
        return make()
    except PlanTooLarge as error:
        return error
    except Unsupported as reason:
        metrics.EXECUTOR_FALLBACKS.labels(str(reason)).inc()
        return None
