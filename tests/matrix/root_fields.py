"""The outcomes of all root fields, by caller."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from graphql import GraphQLField, GraphQLObjectType, GraphQLSchema

from engine.domains import domains_of
from models.scopes import GRANTED, ApiScope
from tests.client import Client
from tests.matrix.arguments import LeastArguments
from tests.matrix.calls import RootCall, Sender
from tests.matrix.outcomes import AccessOutcome, Broken, proven
from tests.matrix.stage import ADMIN, ANONYMOUS, CUSTOMER, OTHER, MatrixStage
from tests.matrix.values import BY_NAME, BY_TYPE, changes
from tools.doc_scopes import is_unavailable, needs
from tools.sdl import ROOTS, SHARED

ANY_TOKEN = "any"


@dataclass(frozen=True)
class RootField:
    """A root field, what it came to for each caller, and what API tokens need to call it."""

    root: str
    name: str
    domain: str
    outcomes: dict[str, AccessOutcome]
    token: str

    @property
    def is_for_admins(self) -> bool:
        """Whether it is a mutation that an admin may call, and not each user."""
        admin, other = self.outcomes[ADMIN], self.outcomes[OTHER]
        return self.root == "Mutation" and admin is not other

    def callers(self, outcome: AccessOutcome) -> set[str]:
        return {caller for caller, one in self.outcomes.items() if one is outcome}


def calls(graph: GraphQLSchema, stage: MatrixStage) -> Iterator[RootCall]:
    """Yield a call of each root field."""
    arguments, by_field = LeastArguments(stage.id_of, BY_NAME, BY_TYPE), changes(stage)
    for root in ROOTS:
        kind = graph.type_map[root]
        assert isinstance(kind, GraphQLObjectType)
        for name, field in kind.fields.items():
            yield RootCall(root, name, field, arguments.of(field, by_field.pop(name, {})))
    assert by_field == {}, "values of fields that do not exist"


async def record(stage: MatrixStage, api: Client, sender: Sender, call: RootCall) -> RootField:
    """Call a root field as everyone. Raises `Broken` with the name of the field."""
    try:
        found = {
            name: await sender.outcome(client, call, number)
            for number, (name, client) in enumerate(stage.clients(api).items())
        }
        outcomes = proven(found)
        token = await _token(stage, api, sender, call, outcomes)
    except Broken as error:
        raise Broken(f"{call.root}.{call.name}: {error}") from error
    return RootField(call.root, call.name, _domain(call.field), outcomes, token)


async def _token(
    stage: MatrixStage,
    api: Client,
    sender: Sender,
    call: RootCall,
    outcomes: dict[str, AccessOutcome],
) -> str:
    """Return the scopes with which a token of a user who may call the field can, too.

    Or the outcome, if none can. The token has no other scopes; one with all others is refused.
    """
    owner = _who_may(outcomes)
    if is_unavailable(call.root, call.field):
        client = await stage.program(api, owner, set(ApiScope))
        return (await sender.outcome(client, call, 9)).value
    needed = {scope for scope in needs(call.root, call.field) if scope}
    if not needed:
        return ANY_TOKEN
    client = await stage.program(api, owner, needed)
    if (found := await sender.outcome(client, call, 9)) is AccessOutcome.UNPROVEN:
        found = AccessOutcome.ALLOWED
    if found is not outcomes[owner]:
        return found.value
    others = await stage.program(api, owner, set(ApiScope) - needed - set(GRANTED))
    assert await sender.outcome(others, call, 9) is AccessOutcome.SCOPE_MISSING, call.name
    return " ".join(f"`{scope}`" for scope in sorted(needed))


def _who_may(outcomes: Mapping[str, AccessOutcome]) -> str:
    """Return the first user who may call a field. Of what is forbidden, that is an admin."""
    for name, one in outcomes.items():
        if one is AccessOutcome.ALLOWED and name != ANONYMOUS:
            return name
    return ADMIN if outcomes[CUSTOMER] is AccessOutcome.FORBIDDEN else CUSTOMER


def _domain(field: GraphQLField) -> str:
    return next(domains_of(field), SHARED).capitalize()
