"""The comparison at the end of a soak test reports each kind of error in a log."""

from uuid import UUID

import pytest

from tests.soak.client_process import ClientLog
from tests.soak.comparison import StoredMessages, differences
from tests.soak.people import Person

ANA = UUID(int=1)
MESSAGES = [(1, "a", "one"), (2, "b", "two"), (3, "c", "three")]
STORED = StoredMessages({"here": MESSAGES}, {ANA: [("Ana, 1", "b", 2)]})
PERSON = Person("Ana", ANA, "token", "here", frozenset({"here"}), ("", ""))
ALL = [("here", *line) for line in MESSAGES]
ANSWERED = [("Ana, 1", "b", 2)]


def logs(
    log: list[tuple[str, int, str, str]], answered: list[tuple[str, str, int]] = ANSWERED
) -> list[ClientLog]:
    return [ClientLog(PERSON, [ALL, log], [], answered)]


def test_the_same_is_no_difference() -> None:
    assert differences(STORED, logs(ALL)) == []


@pytest.mark.parametrize(
    ("log", "expected"),
    [
        ([ALL[0], ALL[2]], "3 came after 1"),
        ([ALL[1], ALL[0], ALL[2]], "2 came after 0"),
        ([ALL[0], ALL[1], ALL[1], ALL[2]], "2 came twice"),
        ([ALL[0], ALL[1]], "2 came last, of 3"),
        ([*ALL[:2], ("here", 3, "c", "tree")], "(3, 'c', 'tree') is not in the database"),
        ([*ALL, ("there", 1, "d", "hm")], "messages of conversation there"),
    ],
)
def test_each_difference_in_a_log(log: list[tuple[str, int, str, str]], expected: str) -> None:
    (difference,) = differences(STORED, logs(log))
    assert difference.startswith("The inbox of Ana")
    assert expected in difference


@pytest.mark.parametrize(
    "answered", [[], [("Ana, 1", "x", 2)], [*ANSWERED, *ANSWERED], [("Ana, 2", "b", 2)]]
)
def test_an_answer_without_a_row_and_a_row_without_an_answer(
    answered: list[tuple[str, str, int]],
) -> None:
    (difference,) = differences(STORED, logs(ALL, answered))
    assert difference.startswith("Ana was answered")


def test_a_conversation_with_a_gap() -> None:
    torn = StoredMessages({"here": [MESSAGES[0], MESSAGES[2]]}, {ANA: []})
    log = [ALL[0], ALL[2]]
    (difference,) = differences(torn, [ClientLog(PERSON, [log, log], [], [])])
    assert difference == "Conversation here has [1, 3]."
