"""`haat check`: tries everything that the settings name, and reports each in one line."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile

import httpx
from aiosmtplib import SMTPException
from rich.markup import escape

from commands.connections import check_database, check_redis
from commands.console import console, results
from commands.roles import describe_rights
from commands.start import (
    REPLICA,
    advise_encryption,
    advise_sender,
    check_storage,
    describe_missing,
    ensure_no_open_account,
    read_keys,
)
from core.clock import now
from core.observability.tracing import traces_url
from core.security import service_account
from core.settings import Settings, SettingsInvalid
from gateways.mail import SmtpSender
from gateways.payments.errors import PaymentProviderError
from gateways.payments.factory import create_payment_gateways
from gateways.sign_in.base import ProviderFailed
from gateways.sign_in.factory import create_sign_in
from gateways.storage.base import StorageMisconfigured, StorageUnreachable
from services.events.passes.wallets import Wallets

CHECK_SECONDS = 15
Check = Callable[[Settings], Awaitable[str]]


@dataclass(frozen=True)
class CheckResult:
    """The result of one check: what was found, or what to correct."""

    name: str
    text: str
    ok: bool


async def check_all(settings: Settings) -> bool:
    """Print a line for each check. Returns whether all have passed."""
    _print(CheckResult("settings", "all are set and valid", ok=True))
    passed = True
    for name, check in CHECKS.items():  # one by one: an import of one would delay the others
        found = await _find(name, check, settings)
        _print(found)
        passed = passed and found.ok
    return passed


def report_invalid(error: SettingsInvalid) -> None:
    """Print a failed line for each wrong or missing setting, which prevents all checks."""
    for sentence in error.problems:
        _print(CheckResult("settings", sentence, ok=False))
    if error.hint:
        console.print(escape(error.hint))


def _print(result: CheckResult) -> None:
    mark = "[green]ok[/]    " if result.ok else "[red]failed[/]"
    results.print(f"{mark}  {result.name}: {escape(result.text)}")


async def _find(name: str, check: Check, settings: Settings) -> CheckResult:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            return CheckResult(name, await check(settings), ok=True)
    except TimeoutError:
        return CheckResult(name, f"no answer within {CHECK_SECONDS} seconds", ok=False)
    except (SettingsInvalid, StorageMisconfigured, StorageUnreachable) as error:
        return CheckResult(name, " ".join(str(error).split()), ok=False)


async def _keys(settings: Settings) -> str:
    path, secrets = settings.keys_file, read_keys(settings).secrets
    if secrets.missing:
        raise SettingsInvalid(describe_missing(secrets))
    return f"{path}. {advice}" if (advice := advise_encryption(settings)) else f"{path}, encrypted"


async def _postgresql(settings: Settings) -> str:
    state = await check_database(settings)
    if state.is_replica:
        raise SettingsInvalid(REPLICA)
    if not state.is_migrated:
        found = f"at {state.migration}" if state.migration else "empty"
        raise SettingsInvalid(
            f"PostgreSQL {state.version}; the database is {found}, and this release needs"
            f" {state.newest}. Run `haat migrate`."
        )
    await ensure_no_open_account(settings)
    rights = await describe_rights(settings)
    return f"PostgreSQL {state.version}, at migration {state.migration}, {rights}"


async def _redis(settings: Settings) -> str:
    """Eviction is allowed, but makes limits forget what callers have used."""
    state = await check_redis(settings)
    note = ""
    if state.policy.startswith("allkeys"):
        note = ". It can evict the counters of limits: noeviction or volatile-ttl keeps them"
    return f"{state.version}, maxmemory-policy {state.policy}{note}"


async def _storage(settings: Settings) -> str:
    if not settings.keys_file.exists():
        raise SettingsInvalid("links are signed with KEYS_FILE, which is missing")
    if settings.objects_bucket:
        await check_storage(settings)
        return f"bucket {settings.objects_bucket} at {settings.objects_url or 'Amazon S3'}"
    return f"folder {_try_folder(settings.objects_folder)}"


def _try_folder(folder: Path) -> str:
    """Try to write, without leaving a trace: in the folder, or where it would be created."""
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    try:
        with TemporaryFile(dir=there):
            return str(folder) if there == folder else f"{folder}, which is created when needed"
    except OSError as error:
        raise SettingsInvalid(f"OBJECTS_FOLDER: {error}") from error


async def _mail(settings: Settings) -> str:
    if not settings.mail_url:
        return f"written to the folder {settings.outbox}, because MAIL_URL is not set"
    sender = SmtpSender(settings.mail_url, settings.mail_from)
    try:
        there = f"{await sender.greet()}, from {settings.mail_from}"
    except (SMTPException, OSError) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise SettingsInvalid(
            f"MAIL_URL: the mail server does not accept a connection: {reason}. Correct host, port,"
            " user or password; with smtp:// the server must offer STARTTLS."
        ) from error
    advice = advise_sender(settings)
    return f"{there}. {advice}" if advice else there


async def _push(settings: Settings) -> str:
    if settings.fcm_credentials is None:
        return "no push messages, because FCM_CREDENTIALS is not set"
    return f"project {service_account.read(settings.fcm_credentials).project_id}"


async def _sms(settings: Settings) -> str:
    if not settings.sms_account:
        return "no codes by phone, because SMS_ACCOUNT is not set"
    return f"Twilio account {settings.sms_account}, for {settings.sms_countries}"


async def _wallets(settings: Settings) -> str:
    """Show when Apple's certificate ends: no wallet takes a pass that was signed later."""
    wallets, found = Wallets.of(settings), []
    if wallets.apple:
        if wallets.apple.ends_at <= now():
            raise SettingsInvalid(
                "APPLE_PASS_CERTIFICATES: The certificate has ended. Replace it by a new one."
            )
        found.append(f"Apple {wallets.apple.pass_type} until {wallets.apple.ends_at:%Y-%m-%d}")
    if wallets.google:
        found.append(f"Google issuer {wallets.google.issuer}")
    return ", ".join(found) or (
        "no passes, because APPLE_PASS_CERTIFICATES and GOOGLE_WALLET_ISSUER are not set"
    )


async def _payments(settings: Settings) -> str:
    gateways = create_payment_gateways(settings)
    if not gateways:
        return "no cards, because STRIPE_SECRET_KEY and PAYSTACK_SECRET_KEY are not set"
    try:
        for name, gateway in gateways.items():
            try:
                await gateway.balances()
            except PaymentProviderError as error:
                raise SettingsInvalid(
                    f"{name.title()} refused: {error}. Check {name}_SECRET_KEY and {name}_URL."
                ) from error
    finally:
        for gateway in gateways.values():
            await gateway.close()
    keys = {"Stripe": settings.stripe_secret_key, "Paystack": settings.paystack_secret_key}
    modes = {True: "test mode", False: "live"}
    return ", ".join(f"{one} ({modes['_test_' in key]})" for one, key in keys.items() if key)


async def _sign_in(settings: Settings) -> str:
    providers = create_sign_in(settings)
    if not providers:
        return (
            "no accounts of providers, because GOOGLE_CLIENT_ID and FACEBOOK_CLIENT_ID are not set"
        )
    for name, provider in providers.items():
        try:
            await provider.check()
        except ProviderFailed as error:
            raise SettingsInvalid(
                f"{name.title()} {error}. Check {name}_CLIENT_ID and {name}_CLIENT_SECRET."
            ) from error
        finally:
            await provider.close()
    names = " and ".join(name.title() for name in providers)
    return f"{names}, returning to {', '.join(settings.sign_in_redirects)}"


async def _traces(settings: Settings) -> str:
    """Export nothing: an empty message is a valid request of OTLP."""
    if not settings.traces_to:
        return "off, because TRACES_TO is not set"
    url = traces_url(settings.traces_to)
    headers = {"Content-Type": "application/x-protobuf"}
    try:
        async with httpx.AsyncClient(timeout=5) as http:
            answer = await http.post(url, content=b"", headers=headers)
    except httpx.HTTPError as error:
        reason = str(error) or type(error).__name__
        raise SettingsInvalid(f"TRACES_TO: {url} cannot be reached: {reason}.") from error
    if answer.is_error:
        raise SettingsInvalid(
            f"TRACES_TO: {url} answers {answer.status_code}. It must be a collector of OTLP over"
            " HTTP, usually on port 4318."
        )
    return url


CHECKS: dict[str, Check] = {
    "keys": _keys,
    "PostgreSQL": _postgresql,
    "Redis": _redis,
    "storage": _storage,
    "mail": _mail,
    "push": _push,
    "SMS": _sms,
    "wallets": _wallets,
    "payments": _payments,
    "sign-in": _sign_in,
    "traces": _traces,
}
