"""Files for users: what programs would evaluate is text."""

from decimal import Decimal

import pytest

from core.csv_files import write_file


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\nx", "\uff1d1+1"])
def test_a_text_that_begins_like_a_formula_is_quoted(text: str) -> None:
    (line,) = write_file(["a"], [[text]]).decode("utf-8-sig").split("\r\n", 1)[1:]
    assert line.strip("\r\n").strip('"') == f"'{text}"


def test_numbers_are_numbers() -> None:
    file = write_file(["a", "b"], [[Decimal("-1.50"), "Chai, hot"], [-2, "Müller"]])
    assert file.decode("utf-8-sig") == 'a,b\r\n-1.50,"Chai, hot"\r\n-2,Müller\r\n'
