"""Types of settings. Each refuses a value that cannot work, before anything is started.

The messages complete “NAME must …”. They do not repeat values that can contain a password.
"""

import re
from email.utils import parseaddr
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import SplitResult, urlsplit
from zoneinfo import available_timezones

from pydantic import AfterValidator, BeforeValidator
from pydantic_settings import NoDecode
from redis.asyncio import ConnectionPool
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from core.countries.codes import COUNTRIES
from core.documents import trusted_documents
from core.limits import networks
from core.security import service_account
from core.security.pass_certificates import PassCertificates
from core.web.hosts import is_loopback
from core.web.origins import normalize_origin

HOME = Path(__file__).resolve().parent.parent.parent

ADDRESS = re.compile(r"[^\s@<>]+@[^\s@<>]+")
HOST_NAME = re.compile(r"[A-Za-z0-9:._-]*")  # also addresses; empty for all interfaces
DOMAIN = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*")
APP_ORIGIN = re.compile(r"android:apk-key-hash:[\w-]+")  # as Android's credential manager sends it
HEADER_NAME = re.compile(r"[A-Za-z0-9-]+")
BUCKET = re.compile(r"[a-zA-Z0-9._-]{1,255}")  # as botocore
REGION = re.compile(r"[a-z0-9-]+")
PRINTABLE = re.compile(r"[\x21-\x7e]*")
MIN_SECRET_LENGTH = 32
MAX_LINE = 300
CONTACT = re.compile(r"(mailto:[^\s@]+@[^\s@]+|https://\S+|tel:\+?[0-9-]+)")  # RFC 9116, 2.5.3

# Parameters that both asyncpg and libpq take; others would fail at the first connection.
DATABASE_PARAMETERS = {
    "host", "passfile", "password", "port", "ssl", "sslmode", "target_session_attrs", "user",
}  # fmt: skip
TLS_MODES = {"disable", "allow", "prefer", "require", "verify-ca", "verify-full"}


def _check_database_url(text: str) -> str | None:
    """Check the URL of PostgreSQL. An empty one is none."""
    if not text:
        return None
    example = (
        "must be a URL such as postgresql://user:password@host:5432/database, with special"
        " characters of the password percent-encoded"
    )
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise ValueError(example) from None  # the cause would repeat the password
    if url.drivername.partition("+")[0] not in {"postgresql", "postgres"}:
        raise ValueError(example)
    if unknown := url.query.keys() - DATABASE_PARAMETERS:
        allowed = ", ".join(sorted(DATABASE_PARAMETERS))
        raise ValueError(f"must not have the parameter {min(unknown)!r}. Allowed are {allowed}")
    mode = url.query.get("sslmode") or url.query.get("ssl") or "prefer"
    if mode not in TLS_MODES:
        raise ValueError(
            f"must have one of these values of sslmode: {', '.join(sorted(TLS_MODES))}"
        )
    return text


def _check_redis_url(text: str) -> str | None:
    """Check the URL of Redis by creating a connection that is not opened. An empty one is none."""
    if not text:
        return None
    try:
        pool = ConnectionPool.from_url(text)
        pool.connection_class(**pool.connection_kwargs)
        path = urlsplit(text).path.strip("/")
        if not text.startswith("unix:") and path:
            int(path)
    except (TypeError, ValueError):
        raise ValueError(
            "must be a URL such as redis://host:6379/0, rediss://:password@host:6379/0 or"
            " unix:///path, with parameters of redis-py only"
        ) from None
    return text


def _check_web_url(text: str) -> str:
    """Check an `http` or `https` URL, which may be empty and have a path."""
    url = _split_url(text)
    parts_ok = url and url.hostname and not (url.query or url.fragment or url.username)
    if text and not (url and parts_ok and url.scheme in {"http", "https"}):
        raise ValueError("must be a URL such as https://host.example, without user and parameters")
    return text


def _check_required_web_url(text: str) -> str:
    if not text:
        raise ValueError("must not be empty. Leave it out for the default")
    return _check_web_url(text)


def _check_mail_url(text: str) -> str:
    url = _split_url(text)
    parts_ok = url and url.hostname and not (url.query or url.fragment or url.path.strip("/"))
    if text and not (url and parts_ok and url.scheme in {"smtp", "smtps"}):
        raise ValueError(
            "must be a URL such as smtp://user:password@host:587 or smtps://user:password@host:465,"
            " with special characters of the password percent-encoded"
        )
    return text


def _split_url(text: str) -> SplitResult | None:
    """Return the parts of a URL, None if it is malformed."""
    try:
        url = urlsplit(text)
        is_well_formed = url.port is None or url.port > 0  # `port` raises an error too
    except ValueError:
        return None
    return url if is_well_formed and PRINTABLE.fullmatch(text) else None


def _check_sender(text: str) -> str:
    _, address = parseaddr(text)
    if "\n" in text or not ADDRESS.fullmatch(address):
        raise ValueError("must be a mail address such as Haat <no-reply@haat.example>")
    return text


def _check_host(text: str) -> str:
    if not HOST_NAME.fullmatch(text):
        raise ValueError("must be an IP address such as 127.0.0.1, or a host name")
    return text


def _check_proxies(text: str) -> str:
    networks.parse_networks(text)
    return text


def _check_contact(text: str) -> str:
    if text and not CONTACT.fullmatch(text):
        raise ValueError(
            "must be a URI, such as mailto:security@shop.example or https://shop.example/security"
        )
    return text


def _check_bucket(text: str) -> str:
    if text and not BUCKET.fullmatch(text):
        raise ValueError("must be the name of a bucket, such as haat-files, without s3:// and path")
    return text


def _check_region(text: str) -> str:
    if not REGION.fullmatch(text):
        raise ValueError("must be a region such as us-east-1")
    return text


def _check_key(text: str) -> str:
    if not PRINTABLE.fullmatch(text):
        raise ValueError("must be printable ASCII characters without spaces")
    return text


def _check_file_secret(text: str) -> str:
    if text and not (len(text) >= MIN_SECRET_LENGTH and PRINTABLE.fullmatch(text)):
        raise ValueError(
            f"must be at least {MIN_SECRET_LENGTH} printable ASCII characters without spaces"
        )
    return text


def _check_countries(text: str) -> str:
    if unknown := [code for code in text.split(",") if code.strip() not in COUNTRIES]:
        raise ValueError(
            f"must be country codes such as IN, separated by commas: {unknown[0]!r} is none"
        )
    return text


def _check_country(text: str) -> str:
    if text not in COUNTRIES:
        raise ValueError("must be the code of a country, such as IN")
    return text


def _check_time_zone(text: str) -> str:
    if text not in available_timezones():
        raise ValueError("must be a time zone such as Asia/Kolkata")
    return text


def _check_line(text: str) -> str:
    if len(text) > MAX_LINE or not text.isprintable():
        raise ValueError(f"must be one line of at most {MAX_LINE} characters")
    return text


def _check_path(given: Any) -> Any:
    """Refuse an empty path, which would be the current folder."""
    if given == "":
        raise ValueError("must not be empty. Leave it out for the default")
    return given


def _check_file(path: Path) -> Path:
    """Check a path of a file, which need not exist."""
    try:
        if path.is_dir():
            raise ValueError(f"must be a file, but {path.absolute()} is a folder")
        _check_parent(path.absolute().parent)
    except OSError as error:
        raise ValueError(f"must be reachable, but {path}: {error.strerror}") from error
    return path


def _check_folder(path: Path) -> Path:
    try:
        _check_parent(path.absolute())
    except OSError as error:
        raise ValueError(f"must be reachable, but {path}: {error.strerror}") from error
    return path


def _check_parent(folder: Path) -> None:
    """Raise an error if the folder, or the nearest that exists above it, is not a folder."""
    while not folder.exists():
        folder = folder.parent
    if not folder.is_dir():
        raise ValueError(f"must be in a folder, but {folder} is a file")


def _check_trusted_documents(path: Path | None) -> Path | None:
    if path:
        trusted_documents.read(path)
    return path


def _check_service_account(path: Path | None) -> Path | None:
    if path:
        service_account.read(path)
    return path


def _check_pass_certificates(path: Path | None) -> Path | None:
    if path:
        PassCertificates.read(path)
    return path


def split_at_commas(given: Any) -> Any:
    if isinstance(given, str):
        return [one.strip() for one in given.split(",") if one.strip()]
    return given


def _check_origins(origins: list[str]) -> list[str]:
    """Normalize origins, so that HTTP and WebSockets compare the same text. `*` is any origin."""
    try:
        return ["*" if one == "*" else normalize_origin(one) for one in origins]
    except ValueError as error:
        raise ValueError(
            "must be origins such as https://shop.example, separated by commas: scheme, host and"
            f" port, without a path. {error}"
        ) from error


def _check_passkey_origins(origins: list[str]) -> list[str]:
    """Normalize origins. An app's has no host."""
    apps = [one for one in origins if APP_ORIGIN.fullmatch(one)]
    sites = [one for one in origins if one not in apps]
    if "*" in sites:
        raise ValueError("must be origins, separated by commas. Any origin is not allowed")
    return [*_check_origins(sites), *apps]


def _check_redirects(urls: list[str]) -> list[str]:
    """Check where users return to. The scheme of an app has a dot (RFC 8252, 7.1)."""
    for text in urls:
        url = _split_url(text)
        is_app = url is not None and "." in url.scheme
        is_local = url is not None and url.scheme == "http" and is_loopback(url.hostname)
        is_page = url is not None and (url.scheme == "https" or is_local) and bool(url.hostname)
        if url is None or url.query or url.fragment or url.username or not (is_app or is_page):
            raise ValueError(
                "must be URLs such as https://haat.example/signed-in or example.haat:/signed-in,"
                " separated by commas, without parameters. http:// is for this machine alone:"
                f" {text!r} is not allowed"
            )
    return urls


def _check_domain(text: str) -> str:
    if text and not DOMAIN.fullmatch(text):
        raise ValueError("must be a domain such as haat.example, in lower case, without a scheme")
    return text


def _check_headers(names: list[str]) -> list[str]:
    for name in names:
        if not HEADER_NAME.fullmatch(name):
            raise ValueError(f"must be names of headers, separated by commas. {name!r} is not one")
    return names


DatabaseUrl = Annotated[str, AfterValidator(_check_database_url)]
RedisUrl = Annotated[str, AfterValidator(_check_redis_url)]
WebUrl = Annotated[str, AfterValidator(_check_web_url)]
MailUrl = Annotated[str, AfterValidator(_check_mail_url)]
Sender = Annotated[str, AfterValidator(_check_sender)]
Host = Annotated[str, AfterValidator(_check_host)]
Proxies = Annotated[str, AfterValidator(_check_proxies)]
Contact = Annotated[str, AfterValidator(_check_contact)]
Bucket = Annotated[str, AfterValidator(_check_bucket)]
Region = Annotated[str, AfterValidator(_check_region)]
CountryCode = Annotated[str, AfterValidator(_check_country)]
TimeZone = Annotated[str, AfterValidator(_check_time_zone)]
Line = Annotated[str, AfterValidator(_check_line)]
Countries = Annotated[str, AfterValidator(_check_countries)]
Key = Annotated[str, AfterValidator(_check_key)]
FileSecret = Annotated[str, AfterValidator(_check_file_secret)]
RequiredWebUrl = Annotated[str, AfterValidator(_check_required_web_url)]
FilePath = Annotated[Path, BeforeValidator(_check_path), AfterValidator(_check_file)]
FolderPath = Annotated[Path, BeforeValidator(_check_path), AfterValidator(_check_folder)]
TrustedDocumentsFile = Annotated[
    Path | None, BeforeValidator(_check_path), AfterValidator(_check_trusted_documents)
]
ServiceAccountFile = Annotated[
    Path | None, BeforeValidator(_check_path), AfterValidator(_check_service_account)
]
PassCertificatesFile = Annotated[
    Path | None, BeforeValidator(_check_path), AfterValidator(_check_pass_certificates)
]
Origins = Annotated[
    list[str], NoDecode, BeforeValidator(split_at_commas), AfterValidator(_check_origins)
]
PasskeyOrigins = Annotated[
    list[str], NoDecode, BeforeValidator(split_at_commas), AfterValidator(_check_passkey_origins)
]
RedirectUrls = Annotated[
    list[str], NoDecode, BeforeValidator(split_at_commas), AfterValidator(_check_redirects)
]
Domain = Annotated[str, AfterValidator(_check_domain)]
HeaderNames = Annotated[
    list[str], NoDecode, BeforeValidator(split_at_commas), AfterValidator(_check_headers)
]
