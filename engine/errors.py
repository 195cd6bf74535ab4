"""The two ways a "no" reaches a client: expected ones as data, all others with a code."""

import re
from typing import Any

import strawberry
import structlog
from asgi_correlation_id import correlation_id
from graphql import GraphQLError, GraphQLSyntaxError
from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from strawberry.exceptions import StrawberryInputCoercionError
from strawberry.extensions import MaskErrors
from strawberry.relay.types import GlobalIDValueError
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.utils.str_converters import to_camel_case

from core import errors
from core.database import sqlstate
from core.errors import UserMessage
from engine.context import Context
from engine.error_codes import Fault, brief
from engine.i18n import of_pydantic, translate
from models.errors import Refusal as ModelRefusal
from schema.enums import ErrorCode

HIDDEN = UserMessage("Something went wrong on our side. The request id finds it in our logs.")
SUGGESTION = " Did you mean "  # Strawberry hides those of fields, and of nothing else

TOO_LONG = re.compile(r"more than \d+|nested too deeply")

log = structlog.get_logger(__name__)


@strawberry.interface(description="An expected “no”. The mutation has changed nothing.")
class UserError:
    """An expected "no" as data."""

    code: ErrorCode = strawberry.field(description="What kind of no, for programs.")
    message: str = strawberry.field(description="What to tell the person.")
    field: list[str] | None = strawberry.field(
        default=None, description="Which part of the input, from the outside in."
    )


@strawberry.type(description="An expected “no” that carries nothing but its reason.")
class Refusal(UserError):
    """The plain case."""


@strawberry.interface(description="What every mutation answers.")
class Payload:
    """Nullable results, and the errors in their stead."""

    errors: list[UserError] = strawberry.field(
        default_factory=list,
        description="Empty when the mutation did what it was asked.",
        metadata={"size": 1},
    )


def as_data(refusal: ModelRefusal, wanted: list[str]) -> UserError:
    """In the first of the wanted languages that there is, else in English."""
    return Refusal(code=refusal.code, message=translate(refusal, wanted), field=refusal.field)


def invalid(error: ValidationError, wanted: list[str]) -> list[UserError]:
    """Return an entry with its field path for each of the first 20 problems of an input."""
    return [_invalid(detail, wanted) for detail in error.errors(include_url=False)[:20]]


def _invalid(detail: Any, wanted: list[str]) -> UserError:
    path = [to_camel_case(str(part)) for part in detail["loc"] if part != "[key]"]
    message = translate(of_pydantic(detail), wanted)
    return Refusal(code=ErrorCode.INVALID_INPUT, message=message, field=path)


CODES: dict[type[Exception], Fault] = {
    errors.BadInput: Fault.BAD_USER_INPUT,
    StrawberryInputCoercionError: Fault.BAD_USER_INPUT,
    GlobalIDValueError: Fault.BAD_USER_INPUT,
    errors.NotSignedIn: Fault.UNAUTHENTICATED,
    errors.NotAllowed: Fault.FORBIDDEN,
    errors.TooManyRequests: Fault.RATE_LIMITED,
    errors.CursorExpired: Fault.CURSOR_EXPIRED,
}

# Strawberry says these in the error itself; the exceptions have no sentence.
SAID_BY_GRAPHQL = (GraphQLError, CannotGetOperationTypeError, InvalidOperationTypeError)

NOT_TEXT = (Fault.BAD_USER_INPUT, UserMessage("Text cannot contain the character NUL."))
BUSY = (Fault.RATE_LIMITED, UserMessage("Too many want this at once. Try again in a moment."))
STATES = {
    "22021": NOT_TEXT,  # character not in repertoire
    "22P05": NOT_TEXT,  # untranslatable character
    "55P03": BUSY,  # lock not available: waited for two seconds
}


class ErrorFormatter(MaskErrors):
    """Gives every top-level error its code, and hides what is nobody's business."""

    def anonymise_error(self, error: GraphQLError) -> GraphQLError:
        caller: Context = self.execution_context.context
        config = self.execution_context.schema.config
        return format_error(error, caller.locales, suggests=not config.disable_field_suggestions)


def format_error(error: GraphQLError, wanted: list[str], *, suggests: bool = False) -> GraphQLError:
    """With its code, in the first of the wanted languages that there is, and nothing private."""
    code, said = _classify(error)
    message = translate(said, wanted)
    extensions: dict[str, Any] = {"code": code}
    if code == Fault.INTERNAL:
        extensions["requestId"] = correlation_id.get()
        log.error("graphql.internal_error", path=error.path, exc_info=error.original_error)
    if not suggests:
        message = message.partition(SUGGESTION)[0]
    told = error.nodes, error.source, error.positions, error.path
    return GraphQLError(brief(message), *told, extensions=extensions)


def _classify(error: GraphQLError) -> tuple[str, UserMessage]:
    """The code of a top-level error, and what may be said of it."""
    cause = error.original_error
    if code := (error.extensions or {}).get("code"):
        return str(code), cause if isinstance(cause, UserMessage) else UserMessage(error.message)
    if cause is None or isinstance(cause, SAID_BY_GRAPHQL):
        too_long = isinstance(error, GraphQLSyntaxError) and TOO_LONG.search(error.message)
        code = Fault.QUERY_TOO_COMPLEX if too_long else Fault.BAD_USER_INPUT
        return code, UserMessage(error.message)
    return _explain(cause) or (Fault.INTERNAL, HIDDEN)


def _explain(cause: Exception) -> tuple[str, UserMessage] | None:
    """What an exception comes to that is no fault of ours; None for one that is."""
    if isinstance(cause, ModelRefusal):
        return str(cause.code), cause
    if isinstance(cause, PoolTimeout):
        return BUSY
    if isinstance(cause, DBAPIError):
        return STATES.get(sqlstate(cause) or "")
    code = next((code for kind, code in CODES.items() if isinstance(cause, kind)), None)
    return (
        (code, cause if isinstance(cause, UserMessage) else UserMessage(str(cause)))
        if code
        else None
    )
