"""Web origins, as browsers send them in the `Origin` header."""

import re
from urllib.parse import urlsplit

DEFAULT_PORTS = {"http": 80, "https": 443}
# Pages that a developer serves on this machine, on any port.
LOCAL_ORIGIN = re.compile(
    r"https?://(localhost|[a-z0-9.-]+\.localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?"
)


def normalize_origin(text: str) -> str:
    """Return an origin in the form that browsers send (RFC 6454, 6.2), without a trailing slash.

    Scheme and host are in lower case and ASCII, and a default port is left out. Raises `ValueError`
    if there is no host, or anything after the port.
    """
    parts = urlsplit(text.strip())
    host = parts.hostname
    if not host or parts.username is not None or parts.path not in {"", "/"}:
        raise ValueError(f"{text!r} is not an origin")
    if parts.query or parts.fragment or any(character.isspace() for character in host):
        raise ValueError(f"{text!r} is not an origin")
    if not host.isascii():
        host = host.encode("idna").decode()
    address = f"[{host}]" if ":" in host else host
    is_default = parts.port is None or parts.port == DEFAULT_PORTS.get(parts.scheme)
    return f"{parts.scheme}://{address}" + ("" if is_default else f":{parts.port}")
