"""The matrix, recorded once for all tests of it."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from argon2 import PasswordHasher
from graphql import GraphQLSchema

from core.security import passwords
from tests.client import Client
from tests.factories.world import World
from tests.matrix import private_fields, root_fields
from tests.matrix.calls import Sender
from tests.matrix.private_fields import PrivateField
from tests.matrix.root_fields import RootField
from tests.matrix.stage import SCANNING_ADMIN, MatrixStage


@dataclass(frozen=True)
class Matrix:
    roots: list[RootField]
    private: list[PrivateField]
    conflicts: dict[str, str | None]  # the refusal of an admin's mutation to one of the vendor


@pytest.fixture(scope="module")
def patched() -> Iterator[pytest.MonkeyPatch]:
    """Patch for a whole module. Argon2id at full strength takes 20 ms a hash."""
    with pytest.MonkeyPatch.context() as patch:
        cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        patch.setattr(passwords, "HASHER", cheap)
        yield patch


@pytest.fixture(scope="module")
async def matrix(
    module_world: World, api: Client, graph: GraphQLSchema, patched: pytest.MonkeyPatch
) -> Matrix:
    stage = await MatrixStage.make(module_world)
    private = await private_fields.record(graph, stage, api)
    sender = Sender(patched)
    roots, conflicts, admin = [], {}, api.signed_in(stage.users[SCANNING_ADMIN])
    for call in root_fields.calls(graph, stage):
        root = await root_fields.record(stage, api, sender, call)
        roots.append(root)
        if root.is_for_admins:
            conflicts[call.name] = await sender.refused(admin, call, 8)
    return Matrix(roots, private, conflicts)
