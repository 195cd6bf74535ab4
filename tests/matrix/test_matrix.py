"""Each root field and each private field, as each caller, compared with the committed page."""

import os

from tests.matrix.conftest import Matrix
from tests.matrix.page import HINT, PAGE, render


def test_the_committed_page_is_what_the_server_answers(matrix: Matrix) -> None:
    found = render(matrix.roots, matrix.private)
    if os.environ.get("WRITE_MATRIX"):
        PAGE.write_text(found)
    committed = PAGE.read_text().splitlines()
    assert [line for line in found.splitlines() if line not in committed] == [], HINT
    assert PAGE.read_text() == found, HINT
