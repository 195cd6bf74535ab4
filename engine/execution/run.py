"""Runs one root selection of a plan, breadth first."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, cast

from graphql import GraphQLResolveInfo, GraphQLSchema
from graphql.execution.values import VariableValues

from engine.execution import completion
from engine.execution.assembly import assemble
from engine.execution.awaiting import Slot, find_awaitables, is_awaitable, settle, settle_all
from engine.execution.batches import Batches
from engine.execution.field_errors import FieldErrors
from engine.execution.levels import Branch, ObjectLevel
from engine.execution.plan import Plan, PlannedField, Selection, Values
from engine.request_loaders import Loaders


@dataclass(slots=True)
class Run:
    """The state of a run.

    A wave is all levels of one depth. Fields that need no waiting are read first, then one batch
    for each loader and all awaitable values are awaited together, then the values are completed,
    which gives the levels of the next wave.
    """

    schema: GraphQLSchema
    plan: Plan
    context: Any
    variables: VariableValues
    root_value: Any
    errors: FieldErrors = field(default_factory=FieldErrors)
    branches: list[Branch] = field(default_factory=list)

    @property
    def loaders(self) -> Loaders:
        loaders: Loaders = self.context.loaders
        return loaders

    async def execute(self, selection: Selection) -> dict[str, Any] | None:
        """Return the data. None if a non-null field of the root is null."""
        root = ObjectLevel(selection, [self.root_value])
        wave = [root]
        while wave:
            known = len(self.branches)
            await self._read(wave)
            new = self.branches[known:]
            await completion.add_levels(self, new)
            wave = [level for branch in new for level in branch.levels]
        return assemble(root, self.branches)

    def info(self, planned: PlannedField) -> GraphQLResolveInfo[Any]:
        """Return the `info` of a field. It has no path, because it stands for all objects."""
        return GraphQLResolveInfo(
            field_name=planned.name,
            field_nodes=planned.nodes,
            return_type=planned.definition.type,
            parent_type=planned.parent,
            path=cast("Any", None),
            schema=self.schema,
            fragments=self.plan.fragments,
            root_value=self.root_value,
            operation=self.plan.operation,
            variable_values=self.variables,
            context=self.context,
            is_awaitable=is_awaitable,
            abort_signal=None,
            async_helpers=cast("Any", None),
        )

    async def _read(self, wave: Iterable[ObjectLevel]) -> None:
        """Read and complete all fields of a wave."""
        batches = Batches(self)
        waiting: list[tuple[ObjectLevel, int, Values]] = []
        slots: list[Slot] = []
        for level in wave:
            for position, planned in enumerate(level.selection.fields):
                if planned.batch is not None:
                    batches.add(level, position, planned.batch)
                    continue
                values = cast("Any", planned.reader)(self, planned, level)
                if completion.place_plain(level, position, planned, values):
                    continue
                if found := find_awaitables(values, planned.depth):
                    slots += found
                    waiting.append((level, position, values))
                else:
                    completion.complete(self, level, position, values)
        loads = batches.start()
        if slots or loads:
            await settle(slots, loads)
        for level, position, values in waiting:
            await settle_all(values, level.selection.fields[position].depth)
        for level, position, values in (*batches.values(), *waiting):
            completion.complete(self, level, position, values)
