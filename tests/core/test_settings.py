"""Invalid settings stop the start with a message."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from core.settings import Settings

PRODUCTION = {"environment": "production", "mail_url": "smtp://mail.haat.example"}
KEYS = {"objects_access_key": "k", "objects_secret_key": "s"}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (PRODUCTION, "OBJECTS_BUCKET must be set in production"),
        (PRODUCTION | {"objects_bucket": ""}, "OBJECTS_BUCKET must be set in production"),
        ({"objects_access_key": "k"}, "OBJECTS_SECRET_KEY together"),
        ({"objects_secret_key": "s"}, "OBJECTS_SECRET_KEY together"),
    ],
)
def test_missing_storage_stops_the_start(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Settings(**given)


@pytest.mark.parametrize(
    "given",
    [
        {},
        KEYS,
        PRODUCTION | {"objects_bucket": "haat-files"},
        PRODUCTION | {"objects_folder": Path("/srv/haat")},
    ],
)
def test_configured_storage_is_accepted(given: dict[str, Any]) -> None:
    assert "secret" not in repr(Settings(**given))
