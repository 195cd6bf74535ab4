"""`haat check` tries each part that the settings name, prints a line for it, and exits 0 or 2."""

import re
import socket
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink
from typer.testing import CliRunner

from cli import main
from commands.check import CHECKS
from core.clock import now
from core.settings import Settings, SettingsInvalid
from tests import servers
from tests.command_line import assert_refused, haat, in_process
from tests.fake_google import FakeGoogle
from tests.pass_issuer import PASS_TYPE, PassIssuer
from tests.processes import free_port
from tests.sign_in_provider import CLIENT_ID, CLIENT_SECRET, LocalProvider, providing


class OtlpCollector(BaseHTTPRequestHandler):
    """Takes spans under the path of OTLP alone."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200 if self.path == "/v1/traces" else 404)
        self.end_headers()

    def log_message(self, *_: object) -> None: ...


@pytest.fixture(scope="module")
def collector() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), OtlpCollector)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture(scope="module")
def mail_server() -> Iterator[str]:
    controller = Controller(Sink(), hostname="127.0.0.1", port=free_port())
    controller.start()
    yield f"smtp://127.0.0.1:{controller.port}"
    controller.stop()


@pytest.fixture(scope="module")
def provider() -> Iterator[LocalProvider]:
    with providing() as local:
        yield local


@pytest.fixture
def working(
    settings: Settings, collector: str, mail_server: str, provider: LocalProvider
) -> dict[str, str]:
    return {
        "DATABASE_URL": str(settings.database_url),
        "REDIS_URL": settings.redis,
        "KEYS_FILE": str(settings.keys_file),
        "OBJECTS_FOLDER": str(settings.objects_folder),
        "MAIL_URL": mail_server,
        "TRACES_TO": collector,
        "GOOGLE_URL": provider.url,
        "GOOGLE_CLIENT_ID": CLIENT_ID,
        "GOOGLE_CLIENT_SECRET": CLIENT_SECRET,
        "SIGN_IN_REDIRECTS": "example.haat:/signed-in",
    }


def test_all_parts_work(working: dict[str, str]) -> None:
    code, output = haat("check", **working)
    assert code == 0, output
    for name in ("settings", *CHECKS):
        assert f"ok {name}: " in output
    assert "failed" not in output


async def test_an_empty_database_lacks_migrations(working: dict[str, str], worker_id: str) -> None:
    name = f"haat_empty_{worker_id}"
    await servers.create_database(name)
    ran = haat("check", **working | {"DATABASE_URL": servers.url_of(name)})
    assert_refused(
        ran, "failed PostgreSQL: PostgreSQL", "is empty", "Run `haat migrate`", "ok Redis"
    )


NOWHERE = "127.0.0.1:1"  # nothing listens on the port of tcpmux


@pytest.mark.parametrize(
    ("name", "value", "line"),
    [
        ("REDIS_URL", f"redis://{NOWHERE}", "failed Redis: REDIS_URL: Redis cannot be reached"),
        ("DATABASE_URL", f"postgresql://haat@{NOWHERE}/haat", "failed PostgreSQL: DATABASE_URL:"),
        (
            "KEYS_FILE",
            "/nowhere/keys.json",
            "failed keys: KEYS_FILE: /nowhere/keys.json is",
        ),
        ("OBJECTS_FOLDER", "/proc/objects", "failed storage: OBJECTS_FOLDER:"),
        ("OBJECTS_URL", f"http://{NOWHERE}", "failed storage: OBJECTS_URL: the storage cannot be"),
        ("MAIL_URL", f"smtp://{NOWHERE}", "failed mail: MAIL_URL: the mail server does not"),
        ("TRACES_TO", f"http://{NOWHERE}", "failed traces: TRACES_TO:"),
        ("GOOGLE_CLIENT_SECRET", "wrong", "failed sign-in: Google refused: invalid_client. Check"),
        ("GOOGLE_URL", f"http://{NOWHERE}", "failed sign-in: Google did not respond"),
    ],
)
def test_one_broken_part_is_one_failed_line(
    working: dict[str, str], name: str, value: str, line: str
) -> None:
    keys = {"OBJECTS_BUCKET": "b", "OBJECTS_ACCESS_KEY": "k", "OBJECTS_SECRET_KEY": "s"}
    more = keys if name == "OBJECTS_URL" else {}
    ran = in_process("check", **working | more | {name: value})
    assert_refused(ran, line)
    # Without the keys, links to files cannot be signed either.
    failed = [one for one in CHECKS if f"failed {one}:" in ran[1]]
    assert len(failed) == (2 if name == "KEYS_FILE" else 1), ran[1]


async def test_the_sender_of_mails_is_shown(mail_server: str) -> None:
    advice, chosen = "MAIL_FROM is an address of haat.example", "Shop <no-reply@shop.test>"
    shown = await CHECKS["mail"](Settings(mail_url=mail_server))
    assert ", from Haat <no-reply@haat.example>. " + advice in shown
    shown = await CHECKS["mail"](Settings(mail_url=mail_server, mail_from=chosen))
    assert shown.endswith(f", from {chosen}")


async def test_the_wallets_are_shown_until_the_certificate_ends(tmp_path: Path) -> None:
    """No wallet takes a pass that was signed with a certificate that has ended."""
    google = FakeGoogle("http://google", tmp_path / "account.json")
    google.save_account()
    settings = Settings(
        apple_pass_certificates=PassIssuer.make().save(tmp_path / "wallet.pem"),
        google_wallet_account=google.account,
        google_wallet_issuer="3388000000012345678",
    )
    shown = await CHECKS["wallets"](settings)
    assert re.fullmatch(
        rf"Apple {PASS_TYPE} until \d{{4}}-\d\d-\d\d, Google issuer 3388000000012345678", shown
    )
    assert (await CHECKS["wallets"](Settings())).startswith("no passes, because")
    ended = PassIssuer.make(ends_at=now()).save(tmp_path / "ended.pem")
    with pytest.raises(SettingsInvalid, match="APPLE_PASS_CERTIFICATES: The certificate has ended"):
        await CHECKS["wallets"](Settings(apple_pass_certificates=ended))


def test_a_folder_that_does_not_exist_is_not_created(
    working: dict[str, str], tmp_path: Path
) -> None:
    folder = tmp_path / "objects"
    code, output = haat("check", **working | {"OBJECTS_FOLDER": str(folder)})
    assert (code, f"ok storage: folder {folder}, which is created when needed" in output) == (
        0,
        True,
    )
    assert list(tmp_path.iterdir()) == []


def test_each_wrong_setting_is_a_failed_line(working: dict[str, str]) -> None:
    ran = in_process("check", **working | {"PORT": "x", "WORKERS": "0"})
    assert_refused(
        ran, "failed settings: PORT must be", "failed settings: WORKERS must be at least 1"
    )


def test_missing_and_wrong_settings_are_listed_together() -> None:
    """A setting with a wrong value is not missing too."""
    code, output = in_process("check", ENVIRONMENT="production", PORT="x", MAIL_URL="mail.internal")
    assert code == 2
    failed = [one.split()[1] for one in output.split("failed ")[1:]]
    missing = ["DATABASE_URL", "REDIS_URL", "PUBLIC_URL", "OBJECTS_BUCKET"]
    assert failed == ["MAIL_URL", "PORT", *missing]
    assert "failed settings: ENVIRONMENT is" not in output
    assert "ENVIRONMENT is production unless set." in output


def test_the_results_are_on_standard_output() -> None:
    ran = CliRunner().invoke(main, ["check"], env={"ENVIRONMENT": "development", "PORT": "x"})
    assert "PORT must be" in ran.stdout
    assert ran.stderr == ""


def test_a_web_server_is_no_collector(working: dict[str, str]) -> None:
    ran = in_process("check", **working | {"TRACES_TO": f"{working['TRACES_TO']}/other"})
    assert_refused(ran, "failed traces: TRACES_TO:", "answers 404", "port 4318")


def test_a_server_that_never_answers_is_not_waited_for(working: dict[str, str]) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"smtp://127.0.0.1:{silent.getsockname()[1]}"
        ran = in_process("check", **working | {"MAIL_URL": url})
    assert_refused(ran, "failed mail: no answer within 15 seconds")
