"""Executes a paid operation, with the work of all schema extensions."""

from strawberry.schema import BaseSchema
from strawberry.types import ExecutionResult

from core.answers.memory import HeldAnswer
from engine.context import Context
from engine.errors.conversion import explain_error
from engine.execution.extension import execute
from engine.instrumentation import label_of, recorded
from engine.public_answers.operation import PublicQuery
from engine.public_answers.shared_context import PublicContext
from engine.strawberry_internals import graphql_schema
from web.graphql.short_path.admission import Admission
from web.graphql.short_path.known_operation import KnownOperation


async def execute_known(
    schema: BaseSchema, known: KnownOperation, admission: Admission, public: PublicQuery | None
) -> ExecutionResult | HeldAnswer:
    """Return the result that the extensions of the schema would make, or a public answer.

    `Instrumentation` is `recorded`, `ErrorFormatter` is `explain_error`, `RequestLimits` is the
    admission, `Execution` is `execute`. `DocumentParsing` and `DisableIntrospection` have no part:
    the full stack has validated the document, with the rules of the schema.
    """
    context = admission.context

    def label() -> tuple[str, str]:
        return label_of(context.app, graphql_schema(schema), known.node, known.name)

    with recorded(context, label) as outcome:
        found = public and await _find_answer(schema, known, admission, public)
        result = found or await _execute(schema, known, context)
        if isinstance(result, ExecutionResult):
            outcome.note(result.errors)
    return result


async def _find_answer(
    schema: BaseSchema, known: KnownOperation, admission: Admission, query: PublicQuery
) -> ExecutionResult | HeldAnswer | None:
    """Return the answer to a public query, which others may wait for as well.

    None if the network of this caller makes too many others.
    """
    app = admission.context.app
    shared = PublicContext(app, locales=list(query.locales))

    async def run() -> ExecutionResult:
        return await _execute(schema, known, shared)

    return await app.public_answers.make(
        query, admission.price, admission.context.caller, shared, run
    )


async def _execute(schema: BaseSchema, known: KnownOperation, context: Context) -> ExecutionResult:
    document, variables = known.parsed.document, known.variables
    found = await execute(schema, known.parsed, context, variables, known.name)
    errors = found.errors and [
        explain_error(error, context, schema, document, variables) for error in found.errors
    ]
    return ExecutionResult(found.data, errors)
