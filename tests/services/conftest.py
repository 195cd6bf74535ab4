"""Units of work whose announcements are kept to look at."""

from collections.abc import Mapping
from typing import cast

import pytest

from core.database import Database
from core.pubsub import PubSub
from services.transaction import Transactions


class Heard:
    """Records publications instead of sending them to Redis."""

    def __init__(self) -> None:
        self.announced: list[dict[str, int]] = []

    def publish(self, grown: Mapping[str, int]) -> None:
        self.announced.append(dict(grown))


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def transactions(database: Database, heard: Heard) -> Transactions:
    return Transactions(database, cast("PubSub", heard))
