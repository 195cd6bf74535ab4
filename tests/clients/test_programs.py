"""Public clients against a running server. What is expected stands in the programs."""

import pytest

from tests.clients.workshop import NODE, Workshop

NODE_TEST = ("node", "--test", "--test-timeout=30000", "--test-force-exit")
PROGRAMS = sorted(path.name for path in NODE.glob("programs/*.test.ts"))


@pytest.mark.usefixtures("typed", "compiled")
@pytest.mark.parametrize("program", PROGRAMS)
def test_program(workshop: Workshop, town: str, program: str) -> None:
    workshop.run(*NODE_TEST, f"programs/{program}", HAAT_TOWN=town)
