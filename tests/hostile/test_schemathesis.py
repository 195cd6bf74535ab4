"""Schemathesis asks what the schema allows and what it doesn't: nothing breaks or gets about.

`SCHEMATHESIS_SEED` and `SCHEMATHESIS_EXAMPLES` try others than these, and more.
"""

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, note, seed, settings
from hypothesis import strategies as st
from schemathesis import Case, CheckContext, GenerationMode, Response
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.graphql.checks import GraphQLServerError

from engine.errors.codes import Fault
from tests.hostile import grammar
from tests.hostile.caller import Caller
from tests.hostile.production import ServerProcess

SEED = int(os.environ.get("SCHEMATHESIS_SEED", "1947"))
EXAMPLES = int(os.environ.get("SCHEMATHESIS_EXAMPLES", "40"))
REFUSALS = set(Fault) - {Fault.INTERNAL}
SCHEMA = schemathesis.graphql.from_file(grammar.sdl(), config=schemathesis.Config())
QUERY, MUTATION = (SCHEMA[root].as_strategy() for root in ("Query", "Mutation"))
WRONG = SCHEMA.as_strategy(GenerationMode.NEGATIVE)
PUBLIC = st.one_of([SCHEMA["Query"][name].as_strategy() for name in grammar.PUBLIC])
CASES = st.sampled_from([QUERY, PUBLIC, PUBLIC, MUTATION, WRONG]).flatmap(lambda made: made)
OFFERS = "{ offers(where: {states: [DRAFT]}) { nodes { title } } }"

Asked = Case[Any]
Call = Callable[[Asked], Response]
Check = Callable[[CheckContext, Response, Asked], bool | None]


def nothing_breaks(context: CheckContext, response: Response, case: Asked) -> bool | None:
    """Schemathesis treats every resolver error as a fault; a refusal with a known code is none."""
    try:
        return not_a_server_error(context, response, case)
    except GraphQLServerError as failure:
        if {one["extensions"]["code"] for one in failure.errors} - REFUSALS:
            raise
        return None


def checks(caller: Caller) -> list[Check]:
    def nothing_gets_about(_context: CheckContext, response: Response, _case: Asked) -> bool | None:
        caller.check(response.status_code, response.text)
        return None

    return [nothing_breaks, nothing_gets_about]


@pytest.fixture
def call(server: ServerProcess, address: str, caller: Caller) -> Iterator[Call]:
    """Send a case to the server as the caller, filled with existing values."""
    for name, values in caller.values.items():
        schemathesis.graphql.scalar(name, values)
    url = f"{server.url}/graphql"
    with requests.Session() as session:
        session.headers.update({"X-Forwarded-For": address} | caller.client.headers)
        yield lambda case: case.call(url, session, timeout=30)


@seed(SEED)
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(case=CASES)
def test_no_request_breaks_or_leaks(caller: Caller, call: Call, case: Asked) -> None:
    note(f"SCHEMATHESIS_SEED={SEED}")
    case.validate_response(call(case), checks=checks(caller))


@pytest.mark.parametrize("caller", ["admin"], indirect=True)
def test_data_of_another_role_fails_the_check(caller: Caller, call: Call) -> None:
    """Data that an admin may read passes for an admin and fails for every other role."""
    case = SCHEMA["Query"]["offers"].Case(body=OFFERS)
    response = call(case)
    case.validate_response(response, checks=checks(caller))
    with pytest.raises(FailureGroup, match="Canary of the draft"):
        case.validate_response(response, checks=checks(replace(caller, role="anonymous")))


@pytest.mark.parametrize("caller", ["anonymous"], indirect=True)
@pytest.mark.parametrize(("status", "code"), [(200, "INTERNAL"), (503, "RATE_LIMITED")])
def test_a_server_fault_fails_the_check(caller: Caller, call: Call, status: int, code: str) -> None:
    """Each check fails when a valid response is replaced by a faulty one."""
    case = SCHEMA["Query"]["offers"].Case(body="{ offers { nodes { title } } }")
    good = call(case)
    case.validate_response(good, checks=checks(caller))
    error = {"message": "No", "path": ["offers"], "extensions": {"code": code}}
    content = json.dumps({"data": None, "errors": [error]}).encode()
    bad = Response(status, good.headers, content, good.request, good.elapsed, good.verify)
    for check in checks(caller):
        with pytest.raises(FailureGroup):
            case.validate_response(bad, checks=[check])
