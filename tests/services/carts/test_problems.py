"""Problems of lines, found by one function for the cart, the checkout and the order."""

from typing import Any

import pytest

from core.ids import new_id
from models.checkouts import CheckoutProblem, ProblemCode
from models.errors import Refusal
from models.stock.levels import InsufficientStock
from services.carts.items import CartItem
from services.carts.view import CartView
from services.stock.problems import find_problems

VARIANT = new_id()


def item(**values: Any) -> CartItem:
    given: dict[str, Any] = {
        "id": new_id(),
        "cart_id": new_id(),
        "variant_id": VARIANT,
        "product_id": new_id(),
        "vendor_id": new_id(),
        "quantity": 3,
        "seen_price": 100,
        "price": 100,
        "currency": "INR",
        "sold": True,
        "vendor_open": True,
        "most": 999,
        "available": None,
        "title": {},
        "locale": "en",
    }
    return CartItem(**given | values)


def codes(*items: CartItem) -> list[ProblemCode]:
    return [one.code for one in find_problems(items)]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, []),
        ({"available": 3}, []),
        ({"available": 2}, ["INSUFFICIENT_STOCK"]),
        ({"most": 2}, ["PER_ORDER_MAX"]),
        ({"price": 99}, ["PRICE_CHANGED"]),
        ({"sold": False, "available": 0, "price": 1}, ["NOT_SOLD"]),
        ({"vendor_open": False, "sold": False}, ["VENDOR_CLOSED"]),
    ],
)
def test_each_problem_of_a_line(values: dict[str, Any], expected: list[str]) -> None:
    assert codes(item(**values)) == expected


def test_lines_of_one_variant_are_added_up() -> None:
    """Three and three of five: each alone would do."""
    lines = [item(available=5), item(available=5), item(variant_id=new_id(), available=3)]
    assert codes(*lines) == ["INSUFFICIENT_STOCK"] * 2
    refusal = find_problems(lines)[0].refusal
    assert isinstance(refusal, InsufficientStock)
    assert refusal.available == 5
    assert codes(lines[0]) == []


def test_problems_of_several_lines_are_in_their_order() -> None:
    assert codes(item(most=1, price=1), item(variant_id=new_id(), sold=False)) == [
        "PER_ORDER_MAX",
        "PRICE_CHANGED",
        "NOT_SOLD",
    ]


@pytest.mark.parametrize("code", ProblemCode)
def test_each_problem_is_refused_with_its_code(code: ProblemCode) -> None:
    refusal = CheckoutProblem(code, new_id(), currency="INR").refusal
    assert isinstance(refusal, Refusal)
    assert refusal.code == code


def test_a_view_keeps_the_order_of_lines_and_counts_what_is_sold() -> None:
    vendor, other = new_id(), new_id()
    lines = [
        item(vendor_id=vendor),
        item(vendor_id=other, variant_id=new_id(), currency="EUR", sold=False),
        item(vendor_id=vendor, variant_id=new_id(), price=7),
    ]
    view = CartView(lines)
    assert [[line.id for line in group.lines] for group in view.groups] == [
        [lines[0].id, lines[2].id],
        [lines[1].id],
    ]
    assert view.totals == {"INR": 321, "EUR": 0}
    assert view.units == 9
    assert [[one.code for one in line.problems] for line in view.groups[0].lines] == [
        [],
        ["PRICE_CHANGED"],
    ]
