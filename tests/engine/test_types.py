"""Types that represent rows."""

from typing import Any
from uuid import UUID

import pytest
import strawberry
from strawberry import relay

from engine.loaders import by_id
from engine.types import Rows
from models.offers import offers as rows


def test_a_node_needs_an_access_query() -> None:
    with pytest.raises(TypeError, match="UnreachableOffer is a Node"):

        class UnreachableOffer(Rows[rows.Offer], relay.Node):
            id: relay.NodeID[UUID]

    assert "UnreachableOffer" not in Rows.nodes


def test_a_node_names_its_access_query(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Rows, "nodes", {})
    loader = by_id(rows.Offer)

    class Shown(Rows[rows.Offer], relay.Node, access=loader):
        id: relay.NodeID[UUID]

    assert Rows.nodes == {"Shown": Shown}
    assert (Shown.access, Shown.table) == (loader, rows.Offer)


def test_a_type_that_is_no_node_needs_none() -> None:
    @strawberry.type
    class Part(Rows[rows.Offer]):
        pass

    part: Any = Part
    assert not hasattr(part, "access")
