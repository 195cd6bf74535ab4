"""A client of the released schema works with the current one."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import strawberry

from tools import artifacts
from tools.artifacts import RELEASED
from tools.breaking_changes import breaking_changes, undated_deprecations
from tools.sdl import sdl

TODAY = date(2026, 3, 1)

OLD = """
    type Query { offer(id: ID!): Offer  node: Node }
    interface Node { id: ID! }
    type Offer implements Node { id: ID!  title: String!  price: Int  likes(first: Int): Int }
    type Vendor implements Node { id: ID!  town: String }
    enum State { DRAFT LIVE }
    input Where { state: State  name: String }
    type Mutation { find(where: Where): State }
"""


def changed(*replaced: tuple[str, str]) -> str:
    new = OLD
    for old, now in replaced:
        assert old in new
        new = new.replace(old, now)
    return new


def test_the_schema_breaks_no_client_of_the_last_release(haat: strawberry.Schema) -> None:
    today = datetime.now(UTC).date()
    assert breaking_changes(RELEASED.read_text(), sdl(haat), today) == []
    assert undated_deprecations(RELEASED.read_text(), sdl(haat), today) == []


@pytest.mark.parametrize(
    ("replaced", "expected"),
    [
        (("price: Int", ""), "Field Offer.price was removed."),
        (("DRAFT LIVE", "LIVE"), "Enum value State.DRAFT was removed."),
        (("offer(id: ID!)", "offer(id: ID!, locale: String!)"), "locale"),
        (("likes(first: Int)", "likes"), "Argument Offer.likes(first:) was removed."),
        (("name: String", "name: String  town: String!"), "town"),
        (("name: String", ""), "Where.name was removed."),
        (("title: String!", "title: String"), "Offer.title"),
        (("title: String!", "title: Int!"), "Offer.title"),
        (("id: ID!): Offer", "id: ID!): Node"), "Query.offer"),
        (("type Vendor implements Node", "type Vendor"), "Vendor"),
        (("type Vendor implements Node { id: ID!  town: String }", ""), "Vendor was removed"),
    ],
)
def test_a_breaking_change_is_found(replaced: tuple[str, str], expected: str) -> None:
    (found,) = breaking_changes(OLD, changed(replaced), TODAY)
    assert expected in found


@pytest.mark.parametrize(
    "replaced",
    [
        ("price: Int", "price: Int!"),
        ("price: Int", "price: Int  cost: Int"),
        ("DRAFT LIVE", "DRAFT LIVE OVER"),
        ("offer(id: ID!)", "offer(id: ID!, locale: String)"),
        ("name: String", 'name: String  town: String! = "Pune"'),
        ("price: Int", 'price: Int @deprecated(reason: "2026-09-01: use cost")'),
    ],
)
def test_a_compatible_change_passes(replaced: tuple[str, str]) -> None:
    assert breaking_changes(OLD, changed(replaced), TODAY) == []


REMOVALS = [
    ("price: Int", "price: Int {}", ""),
    ("likes(first: Int)", "likes(first: Int {})", "likes"),
    ("DRAFT LIVE", "DRAFT {} LIVE", "LIVE"),
    ("name: String", "name: String {}", ""),
]


def announced(reason: str) -> str:
    return f'@deprecated(reason: "{reason}")'


@pytest.mark.parametrize(("stood", "deprecated", "gone"), REMOVALS)
def test_a_removal_whose_day_is_past_passes(stood: str, deprecated: str, gone: str) -> None:
    released = changed((stood, deprecated.format(announced("2026-01-31: use x"))))
    assert breaking_changes(released, changed((stood, gone)), TODAY) == []


@pytest.mark.parametrize(("stood", "deprecated", "gone"), REMOVALS)
@pytest.mark.parametrize(
    "directive",
    [
        announced("2026-03-01: use x"),
        announced("2026-09-01: use x"),
        announced("use x"),
        announced("after 2026-01-31: use x"),
        announced("2026-01-31"),
        announced("2026-02-30: use x"),
        "@deprecated",
    ],
)
def test_a_removal_that_was_not_announced_in_time_is_found(
    stood: str, deprecated: str, gone: str, directive: str
) -> None:
    released = changed((stood, deprecated.format(directive)))
    assert len(breaking_changes(released, changed((stood, gone)), TODAY)) == 1


def test_a_type_goes_with_the_last_field_of_it() -> None:
    offer = 'offer(id: ID!): Offer @deprecated(reason: "2026-01-31: use x")'
    other = ("implements Node { id: ID!  title", "{ id: ID!  title")
    released = changed(("offer(id: ID!): Offer", offer), other)
    text = "type Offer { id: ID!  title: String!  price: Int  likes(first: Int): Int }"
    current = changed(("offer(id: ID!): Offer", ""), other, (text, ""))
    assert breaking_changes(released, current, TODAY) == []


def test_a_type_that_is_still_reachable_is_not_removed() -> None:
    offer = 'offer(id: ID!): Offer @deprecated(reason: "2026-01-31: use x")'
    released = changed(("offer(id: ID!): Offer", offer))
    current = changed(("offer(id: ID!): Offer", ""), ("type Offer implements Node", "type Offer"))
    assert breaking_changes(released, current, TODAY) == [
        "Offer no longer implements interface Node."
    ]


@pytest.mark.parametrize(
    ("reason", "found"),
    [("2026-03-02: use x", 0), ("2026-03-01: use x", 1), ("2026-01-31: use x", 1), ("use x", 1)],
)
def test_a_deprecation_names_a_future_removal_date(reason: str, found: int) -> None:
    current = changed(("price: Int", f"price: Int {announced(reason)}"))
    assert len(undated_deprecations(OLD, current, TODAY)) == found


def test_a_released_deprecation_may_have_a_past_removal_date() -> None:
    old = changed(("price: Int", f"price: Int {announced('2026-01-31: use x')}"))
    assert undated_deprecations(old, old, TODAY) == []


@pytest.fixture
def released(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "released.graphql"
    monkeypatch.setattr(artifacts, "RELEASED", path)
    return path


def test_a_release_is_the_schema_as_it_is(haat: strawberry.Schema, released: Path) -> None:
    assert artifacts.release(haat, TODAY) == []
    assert released.read_text() == sdl(haat)


def test_a_release_that_breaks_the_last_one_is_refused(
    haat: strawberry.Schema, released: Path
) -> None:
    last = sdl(haat).replace("type Query {\n", "type Query {\n  me: User\n")
    released.write_text(last)
    assert artifacts.release(haat, TODAY) == ["Field Query.me was removed."]
    assert released.read_text() == last
