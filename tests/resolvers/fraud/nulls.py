"""The meaning of null for every nullable field of the update inputs of fraud."""

from collections.abc import Mapping
from typing import Any

NULLS: Mapping[str, Mapping[str, Any]] = {
    "UpdateFraudSettingsInput": {"vendorId": None},  # the settings of the platform
}
