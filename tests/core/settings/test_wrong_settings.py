"""A wrong value of any setting ends each command with one sentence and exit code 2."""

import socket
from functools import partial
from pathlib import Path

import pytest

from core.settings import HOME, Settings, SettingsInvalid, read_settings
from tests.command_line import assert_refused, haat, in_process
from tests.processes import free_port

NUMBER = "must be a whole number"
URL = "must be a URL such as"
NO_FOLDER = "/etc/passwd/inside"  # a file is no folder

SECRET = "hunter2"
# A wrong value of each setting, and a part of the sentence.
WRONG = {
    "environment": ("staging", "must be 'development' or 'production'"),
    "development_on_network": ("perhaps", "must be true or false"),
    "host": ("a host", "must be an IP address"),
    "port": ("http", NUMBER),
    "workers": ("65", "must be at most 64"),
    "operations_host": ("https://host", "must be an IP address"),
    "operations_port": ("0", "must be at least 1"),
    "public_url": ("api.haat.example", URL),
    "database_url": ("nonsense", URL),
    "migrations_url": ("nonsense", URL),
    "redis_url": ("localhost:6379", URL),
    "database_pool": ("1", "must be at least 2"),
    "database_read_pool": ("0", "must be at least 1"),
    "prepared_statements": ("sometimes", "must be true or false"),
    "statement_timeout_seconds": ("1.5", NUMBER),
    "cors_origins": ("https://shop.example/path", "must be origins such as"),
    "cors_headers": ("X-One X-Two", "must be names of headers"),
    "trusted_proxies": ("proxy.internal", "is no IP address or network"),
    "graphiql": ("2", "must be true or false"),
    "introspection": ("", "must be true or false"),
    "schema_download": ("maybe", "must be true or false"),
    "trusted_documents": ("/nowhere.json", "cannot be read"),
    "security_contact": ("security@shop.example", "must be a URI"),
    "traces_to": ("localhost:4318", URL),
    "heartbeat_file": (str(HOME), "must be a file"),
    "journal_days": ("0", "must be at least 1"),
    "log_format": ("xml", "must be 'text' or 'json'"),
    "keys_file": (NO_FOLDER, "must be in a folder"),
    "keys_secret": (SECRET, "must be at least 32 printable"),
    "keys_secret_old": (SECRET, "must be at least 32 printable"),
    "access_token_minutes": ("61", "must be at most 60"),
    "refresh_token_days": ("91", "must be at most 90"),
    "session_days": ("none", NUMBER),
    "log_in_attempts": ("0", "must be at least 1"),
    "log_in_attempts_per_account": ("0", "must be at least 1"),
    "log_in_attempts_per_network": ("0", "must be at least 1"),
    "registrations_per_network": ("0", "must be at least 1"),
    "mails_per_address": ("101", "must be at most 100"),
    "mails_per_day": ("0", "must be at least 1"),
    "sign_in_starts_per_network": ("0", "must be at least 1"),
    "anonymous_carts_per_network": ("0", "must be at least 1"),
    "wrong_voucher_codes_per_network": ("0", "must be at least 1"),
    "rejected_document_days": ("0", "must be at least 1"),
    "returned_application_days": ("0", "must be at least 1"),
    "packs_required": ("perhaps", "must be true or false"),
    "payment_return_urls": ("http://haat.example/paid", "must be URLs such as"),
    "payout_schedule": ("HOURLY", "must be"),
    "reserve_bps": ("5001", "must be at most 5000"),
    "reserve_days": ("181", "must be at most 180"),
    "reserve_new_days": ("-1", "must be at least 0"),
    "payout_debtor_name": ("Markt_Platz", "should match pattern"),
    "payout_debtor_iban": ("DE00", "must be a valid IBAN"),
    "payout_debtor_bic": ("X", "must be a valid BIC"),
    "payout_debtor_account": ("12", "should match pattern"),
    "return_days": ("0", "must be at least 1"),
    "order_years": ("0", "must be at least 1"),
    "wrong_codes_per_network": ("-1", "must be at least 1"),
    "wrong_factors_per_network": ("0", "must be at least 1"),
    "passkey_domain": ("https://haat.example", "must be a domain"),
    "passkey_origins": ("haat.example", "must be origins such as"),
    "factor_required_for_admins": ("perhaps", "must be true or false"),
    "factor_required_for_owners": ("perhaps", "must be true or false"),
    "google_client_id": ("a b", "must be printable ASCII"),
    "google_client_secret": ("schlüssel", "must be printable ASCII"),
    "google_url": ("", "must not be empty"),
    "facebook_client_id": ("a b", "must be printable ASCII"),
    "facebook_client_secret": ("schlüssel", "must be printable ASCII"),
    "facebook_url": ("www.facebook.com", URL),
    "facebook_graph_url": ("graph.facebook.com", URL),
    "sign_in_redirects": ("http://haat.example/signed-in", "must be URLs such as"),
    "provider_failures_per_network": ("0", "must be at least 1"),
    "anonymous_points": ("99", "must be at least 100"),
    "user_points": ("99", "must be at least 100"),
    "token_points": ("10000000000", "must be at most 1000000000"),
    "public_answer_seconds": ("61", "must be at most 60"),
    "points_per_second": ("0", "must be at least 1"),
    "user_connections": ("0", "must be at least 1"),
    "user_subscriptions": ("0", "must be at least 1"),
    "socket_operations": ("0", "must be at least 1"),
    "network_connections": ("9", "must be at least 10"),
    "process_connections": ("99", "must be at least 100"),
    "anonymous_socket_seconds": ("4", "must be at least 5"),
    "mail_url": ("mail.haat.example:587", URL),
    "mail_from": ("Haat", "must be a mail address"),
    "apple_pass_certificates": ("/nowhere.pem", "is not a readable file"),
    "google_wallet_issuer": ("my-issuer", "pattern"),
    "google_wallet_account": ("/nowhere.json", "is not a readable JSON file"),
    "fcm_credentials": ("/nowhere.json", "is not a readable JSON file"),
    "fcm_url": ("", "must not be empty"),
    "sms_account": ("A C", "must be printable ASCII"),
    "sms_token": ("schlüssel", "must be printable ASCII"),
    "sms_from": ("+1 555", "must be printable ASCII"),
    "sms_url": ("", "must not be empty"),
    "carrier_secrets": ("haat-post=secret", "must be pairs such as blue-dart=whsec_"),
    "stripe_secret_key": ("pk_test_1", "must begin with sk_ or rk_"),
    "stripe_publishable_key": ("sk_test_1", "must begin with pk_"),
    "stripe_webhook_secrets": ("whsec_1, secret", "must be secrets that begin with whsec_"),
    "stripe_url": ("api.stripe.com", URL),
    "paystack_secret_key": ("pk_test_1", "must begin with sk_"),
    "paystack_url": ("", "must not be empty"),
    "sms_countries": ("IN,XX", "must be country codes"),
    "sms_per_network": ("0", "must be at least 1"),
    "sms_per_day": ("0", "must be at least 1"),
    "sms_confirmed_percent": ("101", "must be at most 100"),
    "platform_name": ("Haat\nLimited", "must be one line"),
    "platform_address": ("A" * 301, "must be one line"),
    "platform_region": ("A" * 301, "must be one line"),
    "platform_country": ("India", "must be the code of a country"),
    "platform_tax_id": ("A" * 301, "must be one line"),
    "platform_time_zone": ("India", "must be a time zone"),
    "outbox": (NO_FOLDER, "must be in a folder"),
    "notify_after_seconds": ("-1", "must be at least 0"),
    "objects_bucket": ("s3://haat-files", "must be the name of a bucket"),
    "objects_url": ("ftp://objects.example", URL),
    "objects_region": ("US East", "must be a region"),
    "objects_access_key": ("a b", "must be printable ASCII"),
    "objects_secret_key": ("schlüssel", "must be printable ASCII"),
    "objects_folder": ("", "must not be empty"),
    "objects_min_free_mb": ("1 GB", NUMBER),
}  # fmt: skip


@pytest.mark.parametrize("name", Settings.model_fields)
def test_a_wrong_value_is_one_sentence(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert name in WRONG, "add a wrong value of the new setting"
    value, sentence = WRONG[name]
    monkeypatch.setenv(name.upper(), value)
    with pytest.raises(SettingsInvalid) as refused:
        read_settings(partial(Settings, _env_file=None))
    (line,) = str(refused.value).splitlines()
    assert line.startswith(name.upper())
    assert sentence in line
    assert line.endswith(".")


@pytest.mark.parametrize("name", Settings.model_fields)
def test_numbers_and_texts_have_a_range_or_a_type(name: str) -> None:
    field = Settings.model_fields[name]
    if field.annotation in {int, int | None}:
        limits = {type(one).__name__ for one in field.metadata}
        assert limits >= {"Ge", "Le"}, "a number needs a range"
    elif field.annotation is str:
        assert field.metadata, "a text needs a type of core/settings/values.py"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("database_url", f"mysql://haat:{SECRET}@host/haat"),
        ("migrations_url", f"mysql://haat:{SECRET}@host/haat"),
        ("database_url", f"postgresql://haat:{SECRET}@host:port/haat"),
        ("database_url", f"postgresql://haat:{SECRET}@host/haat?sslmode=on"),
        ("database_url", f"postgresql://haat:{SECRET}@host/haat?connect_timeout=9"),
        ("redis_url", f"redis://:{SECRET}@host/first"),
        ("redis_url", f"redis://:{SECRET}@host?colour=red"),
        ("redis_url", f"http://:{SECRET}@host"),
        ("mail_url", f"smtp://haat:{SECRET}@host:smtp"),
        ("mail_url", f"smtp://haat:{SECRET}@"),
        ("public_url", f"https://haat:{SECRET}@api.haat.example"),
        ("traces_to", f"http://haat:{SECRET}@[::1"),
        ("objects_secret_key", f"{SECRET} {SECRET}"),
    ],
)
def test_sentences_repeat_no_password(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name.upper(), value)
    with pytest.raises(SettingsInvalid) as refused:
        read_settings(partial(Settings, _env_file=None))
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize(
    ("given", "normal"),
    [
        ("https://Shop.example/", "https://shop.example"),
        ("https://shop.example:443", "https://shop.example"),
        ("http://shop.example:80/", "http://shop.example"),
        ("http://[::1]:3000", "http://[::1]:3000"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
        ("capacitor://localhost", "capacitor://localhost"),
        ("*", "*"),
    ],
)
def test_origins_have_one_form(given: str, normal: str) -> None:
    assert Settings(cors_origins=f" {given} ,").cors_origins == [normal]


COMMANDS = ("serve", "worker", "dev", "migrate", "check", "seed", "keys", "schema", "docs")


def test_a_process_names_the_wrong_setting() -> None:
    assert_refused(haat("check", DATABASE_URL="nonsense"), "DATABASE_URL must be a URL such as")


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_names_the_wrong_setting(command: str) -> None:
    ran = in_process(command, DATABASE_URL="nonsense")
    assert_refused(ran, "DATABASE_URL must be a URL such as postgresql://")


@pytest.mark.parametrize("command", ["serve", "worker", "migrate", "check", "seed"])
def test_each_command_names_the_missing_setting(command: str, settings: Settings) -> None:
    keys = {"KEYS_FILE": str(settings.keys_file), "OBJECTS_FOLDER": str(settings.objects_folder)}
    ran = in_process(command, REDIS_URL=settings.redis, **keys)
    assert_refused(ran, "DATABASE_URL is not set. Set it, or run `haat dev`")


@pytest.mark.parametrize("command", ["migrate", "check", "seed"])
def test_commands_that_need_postgresql_name_what_to_correct(
    command: str, settings: Settings
) -> None:
    port = free_port()
    away = f"postgresql://haat:{SECRET}@127.0.0.1:{port}/haat"
    ran = in_process(
        command,
        DATABASE_URL=away,
        REDIS_URL=settings.redis,
        KEYS_FILE=str(settings.keys_file),
        OBJECTS_FOLDER=str(settings.objects_folder),
    )
    assert_refused(ran, "DATABASE_URL: PostgreSQL at 127.0.0.1", "Start it, or correct host")
    assert SECRET not in ran[1]


@pytest.mark.parametrize("command", ["serve", "worker", "migrate", "check", "seed"])
def test_a_refusal_of_postgresql_is_no_outage(command: str, settings: Settings) -> None:
    """A restart would not help, so not even servers and workers start."""
    assert settings.database_url
    missing = settings.database_url.replace("/haat_", "/no_database_")
    assert missing != settings.database_url
    run = haat if command in {"serve", "worker"} else in_process
    ran = run(
        command,
        DATABASE_URL=missing,
        REDIS_URL=settings.redis,
        KEYS_FILE=str(settings.keys_file),
        OBJECTS_FOLDER=str(settings.objects_folder),
        PORT=str(free_port()),
    )
    assert_refused(ran, "DATABASE_URL: PostgreSQL", "does not exist", "Correct")


@pytest.mark.parametrize("name", ["PORT", "OPERATIONS_PORT"])
def test_a_port_in_use_is_named(name: str, settings: Settings) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        environment = {"PORT": str(free_port()), name: port}
        ran = haat(
            "serve",
            DATABASE_URL=str(settings.database_url),
            REDIS_URL=settings.redis,
            KEYS_FILE=str(settings.keys_file),
            OBJECTS_FOLDER=str(settings.objects_folder),
            **environment,
        )
    assert_refused(ran, f"{name}: cannot listen on 127.0.0.1, port {port}: Address already in use")


def test_dev_refuses_a_port_in_use_before_it_starts_anything() -> None:
    """It would take what answers there for its API, and claim that it is running."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        ran = in_process("dev", PORT=port)
    assert_refused(ran, f"cannot listen on 127.0.0.1, port {port}: Address already in use")
    assert "Haat is running" not in ran[1]


def test_files_that_cannot_be_written_are_named(settings: Settings, tmp_path: Path) -> None:
    servers = {"DATABASE_URL": str(settings.database_url), "REDIS_URL": settings.redis}
    broken = tmp_path / "keys.json"
    broken.write_text("{}")
    assert_refused(in_process("serve", KEYS_FILE=str(broken), **servers), "KEYS_FILE: ")
    unwritable = "/proc/keys.json"
    assert_refused(in_process("keys", KEYS_FILE=unwritable), "KEYS_FILE: ")
    keys = {"KEYS_FILE": str(settings.keys_file)}
    ran = in_process("worker", HEARTBEAT_FILE="/proc/beat", **keys, **servers)
    assert_refused(ran, "HEARTBEAT_FILE: ")
    assert_refused(
        in_process("serve", OBJECTS_FOLDER="/proc/o", **keys, **servers), "OBJECTS_FOLDER: "
    )
