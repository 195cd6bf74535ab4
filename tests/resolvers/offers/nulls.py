"""The meaning of null for every nullable field of the update inputs of offers but UpdateOffer."""

from collections.abc import Mapping
from typing import Any

NULLS: Mapping[str, Mapping[str, Any]] = {"UpdatePersonalOffersInput": {}}
