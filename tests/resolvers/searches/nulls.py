"""The meaning of null for every nullable field of the update input of saved searches."""

from collections.abc import Mapping
from typing import Any

from tests.resolvers.nulls import UNCHANGED

NULLS: Mapping[str, Mapping[str, Any]] = {
    "UpdateSavedSearchInput": {
        "name": UNCHANGED,
        "conditions": UNCHANGED,
        "notices": UNCHANGED,
    },
}
