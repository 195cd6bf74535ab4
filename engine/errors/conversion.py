"""Converts refusals to payload errors, all others to top-level errors."""

import inspect
import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, TypeVar

import strawberry
import structlog
from asgi_correlation_id import correlation_id
from graphql import DocumentNode, GraphQLError, GraphQLSyntaxError
from sqlalchemy.exc import DBAPIError
from strawberry.exceptions import StrawberryInputCoercionError
from strawberry.extensions import MaskErrors
from strawberry.relay.types import GlobalIDValueError, InvalidGlobalIDError
from strawberry.schema import BaseSchema
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError

from core import errors
from core.errors import InvalidId, UserMessage
from core.outages import DRIVER_ERRORS, sqlstate
from engine.context import Context
from engine.enums import publish
from engine.errors.codes import Fault, truncate
from engine.errors.details import DETAILS
from engine.errors.input_paths import find_path
from engine.strawberry_internals import graphql_schema
from models import registry
from models.errors import Refusal
from services.i18n import translate

DESCRIPTION = "The reason why a mutation was refused."
HIDDEN = UserMessage(
    "Something went wrong on our side. Try again later, and include the request id if you report"
    " it."
)
SUGGESTION = " Did you mean "  # Strawberry can hide only those for fields

TOO_LONG = re.compile(r"more than \d+|nested too deeply")

log = structlog.get_logger(__name__)


def refusals() -> list[type[Refusal]]:
    """Return every refusal: the general ones first, then domain by domain."""
    _ = registry  # importing it declares them all
    return sorted(
        Refusal.by_code.values(), key=lambda one: one.__module__.replace(Refusal.__module__, "")
    )


def _error_code() -> Any:
    create: Any = StrEnum  # mypy accepts only literal members
    kind: type[StrEnum] = create("ErrorCode", [(one.code, one.code) for one in refusals()])
    publish(kind, DESCRIPTION, **{one.code: one.meaning for one in refusals()})
    return kind


ErrorCode = _error_code()


@strawberry.interface(
    description="An expected error of a mutation. The mutation has changed nothing."
)
class UserError:
    code: str = strawberry.field(
        graphql_type=ErrorCode, description="The kind of error, for programs."
    )
    message: str = strawberry.field(
        description="The error for the user, in the first supported language of `Accept-Language`."
    )
    field: list[str] | None = strawberry.field(
        default=None, description="The path to the input field that caused it."
    )


@strawberry.type(
    name="Refusal", description="An expected error with no data beyond its code and message."
)
class PlainUserError(UserError):  # `Refusal` in Python is the exception that it is made from
    pass


@strawberry.interface(
    description="The result of a mutation. Check `errors` first: on an error, results are null."
)
class Payload:
    errors: list[UserError] = strawberry.field(
        default_factory=list,
        description="The expected errors. Empty on success.",
        metadata={"size": 1},
    )


ERROR_TYPES: dict[type[Refusal], type[UserError]] = {}
Error = TypeVar("Error", bound=UserError)


def error_type(refusal: type[Refusal]) -> Callable[[type[Error]], type[Error]]:
    """Declare the GraphQL type of a refusal with data: the type's own fields are its attributes."""

    def register(kind: type[Error]) -> type[Error]:
        ERROR_TYPES[refusal] = kind
        return kind

    return register


def user_errors(refusal: Refusal, locales: list[str]) -> list[UserError]:
    return [_user_error(one, locales) for one in (refusal, *refusal.further)]


def _user_error(refusal: Refusal, locales: list[str]) -> UserError:
    kind = ERROR_TYPES.get(type(refusal), PlainUserError)
    data = {name: getattr(refusal, name) for name in inspect.get_annotations(kind)}
    message = translate(refusal, locales)
    return kind(code=refusal.code, message=message, field=refusal.field, **data)


FAULTS: dict[type[Exception], Fault] = {
    errors.BadInput: Fault.BAD_USER_INPUT,
    StrawberryInputCoercionError: Fault.BAD_USER_INPUT,
    GlobalIDValueError: Fault.BAD_USER_INPUT,
    errors.NotSignedIn: Fault.UNAUTHENTICATED,
    errors.ScopeMissing: Fault.SCOPE_MISSING,
    errors.NotAllowed: Fault.FORBIDDEN,
    errors.CsrfTokenWrong: Fault.CSRF_TOKEN_WRONG,
    errors.TooManyRequests: Fault.RATE_LIMITED,
    errors.CursorExpired: Fault.CURSOR_EXPIRED,
    errors.Unavailable: Fault.UNAVAILABLE,
}

# The message of these is in the GraphQLError; the exceptions themselves have none.
GRAPHQL_ERRORS = (GraphQLError, CannotGetOperationTypeError, InvalidOperationTypeError)

NOT_TEXT = (
    Fault.BAD_USER_INPUT,
    UserMessage("The text contains a character that cannot be stored. Remove it."),
)
BUSY = (Fault.RATE_LIMITED, UserMessage("Too many concurrent requests. Try again in a moment."))
TOO_SLOW = (
    Fault.QUERY_TIMEOUT,
    UserMessage("This took too long. Request less at once, or try again in a moment."),
)
FAULT_BY_SQLSTATE = {
    "22021": NOT_TEXT,  # character not in repertoire
    "22P05": NOT_TEXT,  # untranslatable character
    "55P03": BUSY,  # lock not available: waited for `lock_timeout`
    "57014": TOO_SLOW,  # query canceled: ran for `statement_timeout`
}


class ErrorFormatter(MaskErrors):
    """Adds `extensions.code` to every top-level error and hides the details of internal ones."""

    def anonymise_error(self, error: GraphQLError) -> GraphQLError:
        execution = self.execution_context
        document, variables = execution.graphql_document, execution.variables or {}
        return explain_error(error, execution.context, execution.schema, document, variables)


def explain_error(
    error: GraphQLError,
    caller: Context,
    schema: BaseSchema,
    document: DocumentNode | None,
    variables: Mapping[str, Any],
) -> GraphQLError:
    """Return the error that the caller of an operation sees, with the path of a bad input."""
    suggests = not schema.config.disable_field_suggestions
    formatted = format_error(error, caller.locales, suggests=suggests)
    extensions: dict[str, Any] = formatted.extensions or {}
    if extensions.get("code") == Fault.BAD_USER_INPUT and (
        path := find_path(error, graphql_schema(schema), document, variables)
    ):
        extensions["field"] = path
    return formatted


def format_error(
    error: GraphQLError, locales: list[str], *, suggests: bool = False
) -> GraphQLError:
    """Add the code and a translated message. Logs and masks internal errors."""
    code, public = _classify(error)
    message = translate(public, locales)
    extensions: dict[str, Any] = {"code": code}
    if code == Fault.INTERNAL:
        extensions["requestId"] = correlation_id.get()
        log.error("graphql.internal_error", path=error.path, exc_info=error.original_error)
    if isinstance(public, errors.TooManyRequests | errors.Unavailable):
        extensions["retryAfter"] = public.seconds
    if isinstance(public, errors.ScopeMissing):
        extensions["scopes"] = public.scopes
    if detail := DETAILS.get(public.template):
        extensions["detail"] = detail.format(**public.values)
    if not suggests:
        message = message.partition(SUGGESTION)[0]
    place = error.nodes, error.source, error.positions, error.path
    return GraphQLError(truncate(message), *place, extensions=extensions)


def _classify(error: GraphQLError) -> tuple[str, UserMessage]:
    cause = error.original_error
    if isinstance(cause, GraphQLError) and isinstance(cause.original_error, UserMessage):
        cause = cause.original_error  # of a variable, whose name and value graphql-core puts around
    if code := (error.extensions or {}).get("code"):
        return str(code), cause if isinstance(cause, UserMessage) else UserMessage(error.message)
    if isinstance(cause, InvalidGlobalIDError):
        # Strawberry's text names a class of Python: `Value cannot represent a GlobalID: "…".`
        quoted = error.message.partition('"')[2].removesuffix('".')
        return Fault.BAD_USER_INPUT, InvalidId(id=quoted)
    if cause is None or isinstance(cause, GRAPHQL_ERRORS):
        too_long = isinstance(error, GraphQLSyntaxError) and TOO_LONG.search(error.message)
        code = Fault.QUERY_TOO_COMPLEX if too_long else Fault.BAD_USER_INPUT
        return code, UserMessage(error.message)
    return _explain(cause) or (Fault.INTERNAL, HIDDEN)


def _explain(cause: Exception) -> tuple[str, UserMessage] | None:
    """Return an exception's code and message; None if it is an internal error."""
    if isinstance(cause, Refusal):
        return cause.code, cause
    if isinstance(cause, (DBAPIError, *DRIVER_ERRORS)):
        return FAULT_BY_SQLSTATE.get(sqlstate(cause) or "")
    code = next((code for kind, code in FAULTS.items() if isinstance(cause, kind)), None)
    if code is None:
        return None
    return code, cause if isinstance(cause, UserMessage) else UserMessage(str(cause))
