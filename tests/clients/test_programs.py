"""Public clients against a running server. What is expected stands in the programs."""

import json

import pytest

from tests.clients.client_project import NODE, ClientProject

NODE_TEST = ("node", "--test", "--test-timeout=30000", "--test-force-exit")
PROGRAMS = sorted(path.name for path in NODE.glob("programs/*.test.ts"))
COMPONENTS = "built/programs/react/react.test.js"
TRUSTED = "programs/trusted/trusted.test.ts"


@pytest.mark.usefixtures("typed", "compiled")
@pytest.mark.parametrize("program", PROGRAMS)
def test_program(project: ClientProject, seed: str, program: str) -> None:
    project.run(*NODE_TEST, f"programs/{program}", HAAT_SEED=seed)


@pytest.mark.usefixtures("typed", "compiled")
def test_components(project: ClientProject, seed: str) -> None:
    """Node does not run JSX, so the components are compiled first."""
    project.run("tsc", "--noEmit", "false", "--outDir", "built", "--rootDir", ".")
    project.run(*NODE_TEST, COMPONENTS, HAAT_SEED=seed)


def test_trusted_documents(trusting: ClientProject, seed: str) -> None:
    trusted = json.loads(seed) | {"url": trusting.environment["HAAT_URL"]}
    trusting.run(*NODE_TEST, TRUSTED, HAAT_SEED=json.dumps(trusted))
