"""TypeScript made of the server's introspection, and programs that hold to it."""

import pytest

from tests.clients.client_project import ClientProject


def test_codegen_has_nothing_to_warn_of(typed: str) -> None:
    assert "warn" not in typed.lower()
    assert "deprecat" not in typed.lower()


def test_relay_compiler_has_nothing_to_warn_of(compiled: str) -> None:
    assert "warn" not in compiled.lower()
    assert "error" not in compiled.lower()


@pytest.mark.usefixtures("typed", "compiled")
def test_programs_and_guide_are_well_typed(project: ClientProject) -> None:
    project.run("tsc", "--strict", "--noEmit")


@pytest.mark.usefixtures("typed")
def test_the_guide_is_well_typed_with_its_own_configuration(project: ClientProject) -> None:
    project.run("tsc", "--project", "app/tsconfig.json")
