"""The server of the hostile tests and of the town starts, or reports why it does not."""

from pathlib import Path

import pytest

from core.runtime.embedded import Servers
from core.settings import Settings
from tests.hostile.production import COMMAND_LINE, production, serving
from tests.hostile.town.__main__ import own_settings


def test_the_settings_of_the_town_are_those_of_production(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`make town` takes minutes, and is not part of `make test`."""
    running = Servers(str(settings.database_url), "", settings.redis)
    for name, value in production(own_settings(tmp_path, running), limited=True).items():
        monkeypatch.setenv(name, value)
    accepted = Settings()
    default = Settings.model_fields["points_per_second"].default
    assert (accepted.environment, accepted.points_per_second) == ("production", default)
    assert accepted.database_url == settings.database_url
    assert accepted.objects_folder.parent == tmp_path


def test_a_server_that_does_not_start_reports_why(settings: Settings) -> None:
    environment = production(settings) | {"MAIL_URL": ""}
    with (
        pytest.raises(RuntimeError, match="MAIL_URL must be set"),
        serving(environment, *COMMAND_LINE),
    ):
        pytest.fail("it started")
