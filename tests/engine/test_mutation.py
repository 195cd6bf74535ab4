"""Mutations declared by their signature."""

from contextlib import nullcontext
from types import SimpleNamespace
from typing import Annotated, Any

import strawberry
from sqlalchemy.exc import DBAPIError

from core.errors import UserMessage
from engine.context import Info
from engine.errors.conversion import Payload, PlainUserError
from engine.mutation import mutation
from models.errors import NotFound

Word = Annotated[str, strawberry.argument(description="A word.")]
Length = Annotated[int, "The length of the word."]
CALL = """mutation { measure(input: {word: "abc"}) { length errors { code message field } } }"""


@strawberry.input(description="A word to greet.")
class GreetInput:
    word: str = strawberry.field(description="The word.")


@strawberry.type(description="A greeting.")
class GreetPayload(Payload):
    greeting: str | None = strawberry.field(default=None, description="The greeting.")


@strawberry.type
class GreetQuery:
    ok: bool = True


def schema_of(measured: list[Any]) -> strawberry.Schema:
    """Return a schema with two mutations. `measure` returns or raises what is `measured`."""

    @strawberry.type
    class GreetMutation:
        @mutation(length=Length, raises=(NotFound,), cost=3)
        async def measure(self, info: Info, word: Word, twice: bool = False) -> int:
            """Measure
            a word.
            """
            outcome = measured.pop(0)
            if isinstance(outcome, Exception):
                raise outcome
            return len(word) * (1 + twice)

        @mutation(personal=True)
        async def greet(self, info: Info, input: GreetInput) -> GreetPayload:
            """Greet."""
            return GreetPayload(greeting=f"Hello {input.word}")

        @mutation()
        async def forget(self, info: Info, word: Word) -> None:
            """Forget a word."""

    return strawberry.Schema(query=GreetQuery, mutation=GreetMutation, types=[PlainUserError])


def database_error(sqlstate: str) -> DBAPIError:
    cause: Any = Exception("refused")
    cause.sqlstate = sqlstate
    return DBAPIError("UPDATE", {}, cause)


DEADLOCK, UNIQUE_VIOLATION = "40P01", "23505"


async def call(*measured: Any, document: str = CALL) -> Any:
    context: Any = SimpleNamespace(locales=["en"], refusals=[], as_enrolling=nullcontext)
    return await schema_of(list(measured)).execute(document, context_value=context)


def test_input_and_payload_are_derived_from_the_signature() -> None:
    printed = schema_of([]).as_str()
    assert (
        '''"""The input of `measure`."""
input MeasureInput {
  """A word."""
  word: String!
  twice: Boolean! = false
}'''
        in printed
    )
    assert (
        '''"""The result of `measure`."""
type MeasurePayload implements Payload {
  """The expected errors. Empty on success."""
  errors: [UserError!]!

  """The length of the word."""
  length: Int
}'''
        in printed
    )
    assert '"""Measure a word."""' in printed


def test_an_input_class_and_a_payload_class_are_used_as_they_are() -> None:
    printed = schema_of([]).as_str()
    assert printed.count("input GreetInput") == printed.count("type GreetPayload") == 1
    assert '"""Greet. Not available to API tokens."""' in printed
    assert "type ForgetPayload implements Payload {" in printed


def test_cost_and_refusals_are_declared() -> None:
    graph: Any = schema_of([])._schema
    declared = graph.mutation_type.fields["measure"].extensions["strawberry-definition"].metadata
    assert declared == {
        "cost": 3,
        "paid_apart": 0,
        "personal": False,
        "for_admins": False,
        "fresh": False,
        "enrols": False,
        "signs_in": False,
        "while_impersonating": False,
        "audit": None,
        "raises": (NotFound,),
        "repeatable": "",
    }


async def test_the_returned_value_is_the_result() -> None:
    result = await call("returned")
    assert result.data == {"measure": {"length": 3, "errors": []}}


async def test_a_payload_without_results() -> None:
    document = """mutation { forget(input: {word: "a"}) { errors { code } } }"""
    assert (await call(document=document)).data == {"forget": {"errors": []}}


async def test_a_refusal_is_data() -> None:
    result = await call(NotFound(field=["word"]))
    assert result.errors is None
    assert result.data["measure"]["length"] is None
    (error,) = result.data["measure"]["errors"]
    assert (error["code"], error["field"]) == ("NOT_FOUND", ["word"])


async def test_a_deadlock_is_retried_once() -> None:
    assert (await call(database_error(DEADLOCK), "returned")).data["measure"]["length"] == 3
    assert (await call(database_error(DEADLOCK), database_error(DEADLOCK))).errors


async def test_other_errors_are_not_retried() -> None:
    assert (await call(database_error(UNIQUE_VIOLATION), "never reached")).errors
    assert (await call(UserMessage("No."), "never reached")).errors
