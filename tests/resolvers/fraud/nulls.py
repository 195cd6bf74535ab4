"""The meaning of null for every nullable field of the update inputs of fraud."""

from collections.abc import Mapping
from typing import Any

from tests.resolvers.nulls import OF_PLATFORM

NULLS: Mapping[str, Mapping[str, Any]] = {
    "UpdateFraudSettingsInput": {"vendorId": OF_PLATFORM},
}
