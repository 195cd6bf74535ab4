"""`.env.example` and docs/operating.md have each setting, with its default."""

import re

import pytest

from core.settings import HOME, DevelopmentSettings, Settings

EXAMPLE = (HOME / ".env.example").read_text()
GUIDE = (HOME / "docs/operating.md").read_text()
SET = dict(re.findall(r"^([A-Z_]+)=(.*)$", EXAMPLE, flags=re.MULTILINE))


@pytest.mark.parametrize("name", [name.upper() for name in Settings.model_fields])
def test_a_setting_is_documented(name: str) -> None:
    assert re.search(rf"^#?{name}=", EXAMPLE, flags=re.MULTILINE), "add it to .env.example"
    (_, section) = GUIDE.split("\n## Settings\n")
    assert f"`{name}`" in section.split("\n### ")[0], "add it to the table in docs/operating.md"


@pytest.mark.parametrize("name", SET)
def test_what_the_example_sets_is_the_default(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """So the file can be copied, and then edited."""
    monkeypatch.delenv(name, raising=False)
    plain = DevelopmentSettings(_env_file=None)
    monkeypatch.setenv(name, SET[name])
    copied = DevelopmentSettings(_env_file=None)
    assert getattr(copied, name.lower()) == getattr(plain, name.lower())
