"""The fields of rows that not every caller who sees the row may read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLObjectType, GraphQLSchema

from engine.domains import domains_of
from engine.types import Rows
from tests.client import Client
from tests.matrix.arguments import LeastArguments
from tests.matrix.calls import selected
from tests.matrix.outcomes import AccessOutcome, of_code, of_value
from tests.matrix.stage import MatrixStage
from tests.matrix.values import BY_NAME, BY_TYPE
from tools.sdl import SHARED

AT_ONCE = 20  # fields of a request, whose cost is limited
UNSEEN = ""
SEES = "query ($id: ID!) { node(id: $id) { id } }"


@dataclass(frozen=True)
class PrivateField:
    """A field, and what it is for each caller. It is `UNSEEN` for those who do not see the row."""

    type_name: str
    name: str
    domain: str
    outcomes: Mapping[str, str]


async def record(graph: GraphQLSchema, stage: MatrixStage, api: Client) -> list[PrivateField]:
    """Read all fields of a row of each type as every caller, and return those that differ."""
    found = []
    for type_name in sorted(Rows.nodes):
        kind = graph.type_map[type_name]
        assert isinstance(kind, GraphQLObjectType)
        reader = Reader(kind, stage)
        read = {caller: await reader.read(one) for caller, one in stage.clients(api).items()}
        for name, field in kind.fields.items():
            outcomes = {caller: values.get(name, UNSEEN) for caller, values in read.items()}
            if len(set(outcomes.values()) - {UNSEEN}) > 1:
                domain = next(domains_of(field), SHARED).capitalize()
                found.append(PrivateField(type_name, name, domain, outcomes))
    return found


class Reader:
    """Reads the fields of a row of a type, each with the arguments that it requires."""

    def __init__(self, kind: GraphQLObjectType, stage: MatrixStage) -> None:
        self._kind, self._id = kind, stage.id_of(kind.name)
        arguments = LeastArguments(stage.id_of, BY_NAME, BY_TYPE)
        self._given = {name: arguments.of(field, {}) for name, field in kind.fields.items()}

    async def read(self, client: Client) -> dict[str, AccessOutcome]:
        """Return what each field is, or nothing if the caller does not see the row."""
        if (await client.ask(SEES, id=self._id))["node"] is None:
            return {}
        names, read = list(self._kind.fields), dict[str, AccessOutcome]()
        for start in range(0, len(names), AT_ONCE):
            read |= await self._read_some(client, names[start : start + AT_ONCE])
        return read

    async def _read_some(self, client: Client, names: list[str]) -> dict[str, AccessOutcome]:
        """Return what these fields are. If one that fails hides the others, they are read again."""
        query, variables = self._request(names)
        answer = await client.send(query, id=self._id, **variables)
        assert "data" in answer, answer
        failed = {
            error["path"][1]: of_code(error["extensions"]["code"], answer)
            for error in answer.get("errors", [])
        }
        row = answer["data"]["node"]
        if row is not None:
            return {name: of_value(row[name]) for name in names} | failed
        others = [name for name in names if name not in failed]
        return failed | (await self._read_some(client, others) if others else {})

    def _request(self, names: list[str]) -> tuple[str, dict[str, Any]]:
        declared, fields, variables = ["$id: ID!"], [], {}
        for name in names:
            field, used = self._kind.fields[name], []
            for one, value in self._given[name].items():
                variables[f"{name}_{one}"] = value
                declared.append(f"${name}_{one}: {field.args[one].type}")
                used.append(f"{one}: ${name}_{one}")
            arguments = f"({', '.join(used)})" if used else ""
            fields.append(f"{name}{arguments} {selected(field)}")
        inside = f"... on {self._kind.name} {{ {' '.join(fields)} }}"
        return f"query ({', '.join(declared)}) {{ node(id: $id) {{ {inside} }} }}", variables
