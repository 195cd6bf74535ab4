"""Executes a paid operation, with the work of all schema extensions."""

from strawberry.schema import BaseSchema
from strawberry.types import ExecutionResult

from engine.errors import explain_error
from engine.execution.extension import execute
from engine.instrumentation import label_of, recorded
from engine.limits.extension import cost_result
from engine.strawberry_internals import graphql_schema
from web.graphql.short_path.admission import Admission
from web.graphql.short_path.known_operation import KnownOperation


async def execute_known(
    schema: BaseSchema, known: KnownOperation, admission: Admission
) -> ExecutionResult:
    """Return the result that the extensions of the schema would make.

    `Instrumentation` is `recorded`, `ErrorFormatter` is `explain_error`, `RequestLimits` is the
    admission, `Execution` is `execute`. `DocumentParsing` and `DisableIntrospection` have no part:
    the full stack has validated the document, with the rules of the schema.
    """
    context, variables = admission.context, known.variables

    def label() -> tuple[str, str]:
        return label_of(context, graphql_schema(schema), known.node, known.name)

    with recorded(context, label) as outcome:
        found = await execute(schema, known.parsed, context, variables, known.name)
        errors = found.errors and [
            explain_error(error, context, schema, known.parsed.document, variables)
            for error in found.errors
        ]
        outcome.note(errors)
    return ExecutionResult(found.data, errors, cost_result(admission.points, admission.charge))
