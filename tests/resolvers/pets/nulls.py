"""The column's value after null, for every nullable field of the update inputs of intake."""

from collections.abc import Mapping
from typing import Any

from tests.resolvers.nulls import REFUSED

NULLS: Mapping[str, Mapping[str, Any]] = {
    "UpdateServiceQuestionInput": {"prompt": REFUSED, "choices": REFUSED, "required": False},
}
