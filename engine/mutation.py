"""Mutations declared by their signature."""

import functools
import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Optional, get_args, get_origin, get_type_hints

import strawberry
from strawberry.types.arguments import StrawberryArgumentAnnotation
from strawberry.types.field import StrawberryField
from strawberry.utils.str_converters import capitalize_first, to_camel_case

from core.errors import NotAllowed, NotSignedIn, TooManyRequests, UserMessage
from core.observability import metrics
from engine.context import Context, Info
from engine.errors.conversion import FAULTS, Payload, user_errors
from engine.ids import decode_input
from models.errors import Refusal, StepUpRequired
from services.transaction import retry_serialization_failure
from services.viewer import Freshness

MUTATION_COST = 10
HASHING_COST = 1_000  # of a password: 20 ms of one core, while a row takes about 20 µs
NOT_FOR_API_TOKENS = "Not available to API tokens."
NEEDS_FRESH_SESSION = (
    "Requires that the user signed in, or called `reauthenticate`, within the last 10 minutes, with"
    " the second factor if there is one."
)
NEEDS_FACTOR_AGAIN = "If there is one, signing in with it does not suffice."

AUDITED_FAULTS = (NotAllowed, NotSignedIn, TooManyRequests)

Resolver = Callable[..., Awaitable[Any]]


def mutation(
    *,
    cost: int = MUTATION_COST,
    hashes: bool = False,
    personal: bool = False,
    for_admins: bool = False,
    fresh: bool = False,
    changes_factors: bool = False,
    changes_admins: bool = False,
    enrols: bool = False,
    signs_in: bool = False,
    while_impersonating: bool = False,
    audit: StrEnum | None = None,
    raises: tuple[type[Refusal], ...] = (),
    repeatable: str = "",
    **results: Any,
) -> Callable[[Resolver], Any]:
    """Declare a root mutation field from a resolver's signature.

    The resolver's docstring is the field's description. Its arguments, except `info`, become the
    fields of an input type; a single `input` is used as it is, and without any the field has no
    argument. `results` names the payload's only
    field; without it, the resolver returns a payload class or None. The refusals in `raises` become
    the payload's `errors`.

    Those that hash a password cost 1,000 points of what an operation may cost. They are not paid in
    points, but counted where the password is hashed
    (`services/identity/passwords/hashing_limits.py`).

    `personal` mutations are refused to API tokens, and so are those `for_admins`, whose
    services ask for an admin: no token has an admin's rights, whatever its scopes. `fresh` ones
    also require an open session whose user gave the password, or the second factor if there is
    one, within ten minutes: declare it for what outlives the session or takes the account over.
    Of a user with a second factor, those with `changes_factors` require that it was used again
    after the sign-in, whose session may have been stolen. Those with `changes_admins` lock all
    admins before anything else. Those that set up a second factor, `enrols`, are also allowed
    after a sign-in with a recovery code, and to users who must set one up first. `signs_in` are
    those whose anonymous callers have a session afterwards: their points are counted apart, so
    that others behind the same address cannot use them up. Admins who impersonate a user are
    refused all but those that are allowed `while_impersonating`: nothing that concerns money,
    credentials, privacy or chats. If an `audit` act is refused, the audit log records it; an
    act that succeeds is recorded by the service, in its transaction.

    Clients repeat a mutation whose response they lost. It takes an idempotency key, or `repeatable`
    is the reason why a repetition creates nothing twice: "sets a state".

    A deadlock or a serialization failure is retried once. Validate input with
    `models.validation.parse`: any other `ValidationError` is our bug, answered as INTERNAL and
    logged.
    """
    if fresh and not personal:
        raise TypeError("A fresh mutation must be personal: an API token has no session.")
    if (changes_factors or changes_admins) and not fresh:
        raise TypeError("A mutation that changes factors or admins must be fresh.")
    declared = {
        "cost": HASHING_COST if hashes else cost,
        "paid_apart": HASHING_COST - cost if hashes else 0,
        "personal": personal,
        "for_admins": for_admins,
        "fresh": fresh,
        "enrols": enrols,
        "signs_in": signs_in,
        "while_impersonating": while_impersonating,
        "audit": audit,
        "raises": (*raises, StepUpRequired) if fresh else raises,
        "repeatable": repeatable,
    }
    notes = (
        NOT_FOR_API_TOKENS if personal or for_admins else "",
        NEEDS_FRESH_SESSION if fresh else "",
        NEEDS_FACTOR_AGAIN if changes_factors else "",
    )

    def decorate(resolver: Resolver) -> Any:
        name = to_camel_case(resolver.__name__)
        input_type, unpack = _input(resolver, name)
        payload_type = _payload(resolver, name, results)
        needed = Freshness(enrols=enrols, again=changes_factors, with_admins=changes_admins)
        freshness = needed if fresh else None
        rules = _Rules(name, payload_type, tuple(results), freshness, enrols=enrols, audit=audit)

        async def run(self: Any, info: Info, input: Any = None) -> Any:
            decoded = decode_input(input) if input_type else None
            given: dict[str, Any] = {"input": decoded}
            if unpack:
                given = vars(decoded) if input_type else {}
            return await rules.run(info.context, lambda: resolver(self, info, **given))

        _sign(run, resolver, input_type, payload_type)
        description = " ".join([*(resolver.__doc__ or "").split(), *filter(None, notes)])
        return strawberry.mutation(resolver=run, description=description, metadata=declared)

    return decorate


@dataclass(frozen=True)
class _Rules:
    """The rules that apply to each call of a mutation."""

    name: str
    payload_type: Any
    results: tuple[str, ...]
    freshness: Freshness | None
    enrols: bool
    audit: StrEnum | None

    async def run(self, context: Context, resolve: Callable[[], Awaitable[Any]]) -> Any:
        """Return the payload of a call. A refusal becomes its errors."""
        context.freshness, context.enrols = self.freshness, self.enrols
        try:
            with context.as_enrolling():
                answer = await retry_serialization_failure(resolve)
        except Refusal as refusal:
            _record(context, self.name, self.audit, refusal)
            return self.payload_type(errors=user_errors(refusal, context.locales))
        except AUDITED_FAULTS as fault:
            _record_fault(context, self.audit, fault)
            raise
        if isinstance(answer, Payload):
            return answer
        return self.payload_type(**dict.fromkeys(self.results, answer))


def _record(context: Context, mutation: str, audit: StrEnum | None, refusal: Refusal) -> None:
    """Count a refusal by its code, and record it in the audit log if the act is audited."""
    metrics.REFUSALS.labels(mutation, refusal.code).inc()
    context.refusals.append(refusal.code)
    if audit is not None:
        context.app.audit.refused(
            context.viewer, audit, refusal.code, subject_id=refusal.subject_id
        )


def _record_fault(context: Context, audit: StrEnum | None, fault: UserMessage) -> None:
    if audit is not None:
        context.app.audit.refused(
            context.viewer, audit, _code_of(fault), subject_id=fault.subject_id
        )


def _code_of(fault: UserMessage) -> str:
    return next(code for kind, code in FAULTS.items() if isinstance(fault, kind))


def _sign(run: Any, resolver: Resolver, input_type: Any, payload_type: Any) -> None:
    """Give `run` the signature that Strawberry reads."""
    functools.update_wrapper(run, resolver)
    given = Annotated[input_type, strawberry.argument(description="The mutation's input.")]
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    parameters = {"self": inspect.Parameter.empty, "info": Info, "input": given}
    if input_type is None:
        del parameters["input"]
    hints = {name: of for name, of in parameters.items() if name != "self"}
    run.__annotations__ = {**hints, "return": payload_type}
    run.__signature__ = inspect.Signature(
        [inspect.Parameter(name, kind, annotation=of) for name, of in parameters.items()],
        return_annotation=payload_type,
    )


def _input(resolver: Resolver, name: str) -> tuple[Any, bool]:
    """Return the input type if there are arguments, and whether it is made of them."""
    hints = get_type_hints(resolver, include_extras=True)
    parameters = inspect.signature(resolver).parameters
    taken = {key: hints[key] for key in parameters if key not in {"self", "info"}}
    if not taken:
        return None, True
    if set(taken) == {"input"}:
        return taken["input"], False
    fields = {key: _input_field(hint, parameters[key].default) for key, hint in taken.items()}
    annotations = {key: _bare(hint) for key, hint in taken.items()}
    described = f"The input of `{name}`."
    return strawberry.input(
        _new_class(f"{capitalize_first(name)}Input", (), resolver, annotations, fields),
        description=described,
    ), True


def _payload(resolver: Resolver, name: str, results: Mapping[str, Any]) -> Any:
    returned = get_type_hints(resolver).get("return")
    if inspect.isclass(returned) and issubclass(returned, Payload):
        return returned
    fields = {key: _payload_field(key, type_) for key, type_ in results.items()}
    annotations = {key: Optional[_bare(type_)] for key, type_ in results.items()}  # noqa: UP045 - of a type that is a value
    described = f"The result of `{name}`."
    return strawberry.type(
        _new_class(f"{capitalize_first(name)}Payload", (Payload,), resolver, annotations, fields),
        description=described,
    )


def _new_class(
    name: str,
    bases: tuple[type, ...],
    resolver: Resolver,
    annotations: Mapping[str, Any],
    fields: Mapping[str, Any],
) -> type:
    own = {"__module__": resolver.__module__, "__annotations__": dict(annotations)}
    return type(name, bases, {**own, **fields})


def _input_field(hint: Any, default: Any) -> StrawberryField:
    declared = next(
        (one for one in _extras(hint) if isinstance(one, StrawberryArgumentAnnotation)),
        StrawberryArgumentAnnotation(),
    )
    optional = {} if default is inspect.Parameter.empty else {"default": default}
    field: StrawberryField = strawberry.field(
        description=declared.description,
        graphql_type=declared.graphql_type,
        metadata=declared.metadata,
        **optional,
    )
    return field


def _payload_field(name: str, type_: Any) -> StrawberryField:
    thing = name.replace("_", " ")
    described = next(
        (one for one in _extras(type_) if isinstance(one, str)),
        f"The {thing}. Null on error.",
    )
    field: StrawberryField = strawberry.field(default=None, description=described)
    return field


def _extras(hint: Any) -> tuple[Any, ...]:
    return get_args(hint)[1:] if get_origin(hint) is Annotated else ()


def _bare(hint: Any) -> Any:
    described = (str, StrawberryArgumentAnnotation)
    if any(isinstance(one, described) for one in _extras(hint)):
        return get_args(hint)[0]
    return hint
