"""Units of work whose publications are recorded."""

from collections.abc import Mapping
from typing import cast

import pytest

from core.database import Database
from core.redis.pubsub import PubSub
from services.transaction import Transactions


class PublicationRecorder:
    """Records publications instead of sending them to Redis."""

    def __init__(self) -> None:
        self.published: list[dict[str, int]] = []

    def publish(self, grown: Mapping[str, int]) -> None:
        self.published.append(dict(grown))


@pytest.fixture
def recorder() -> PublicationRecorder:
    return PublicationRecorder()


@pytest.fixture
def transactions(database: Database, recorder: PublicationRecorder) -> Transactions:
    return Transactions(database, cast("PubSub", recorder))
