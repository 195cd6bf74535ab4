"""The requests of the benchmark, each from a network of its own, so that no limit applies."""

from collections.abc import Iterator
from itertools import count
from typing import Any

from benchmarks.load import numbering
from benchmarks.load.documents import LIST
from benchmarks.load.http_request import encode_request
from benchmarks.workloads import OperationCall
from demo.identity.accounts import PASSWORD

LOG_IN = """
mutation LogIn($input: LogInInput!) {
  logIn(input: $input) { session { accessToken } errors { code message } }
}
"""
REFRESH = """
mutation Refresh($input: RefreshSessionInput!) {
  refreshSession(input: $input) { session { accessToken } errors { code } }
}
"""
RESET = """
mutation Reset($input: RequestPasswordResetInput!) {
  requestPasswordReset(input: $input) { errors { code } }
}
"""
REGISTER = """
mutation Register($input: RegisterInput!) {
  register(input: $input) { registrationSecret errors { code } }
}
"""
NEW_PASSWORD = "kitchen-ladder-74-plum"  # noqa: S105 - of no account
_networks = count()


def known(number: int) -> str:
    """Return the address of an account. Its password is that of the demo data."""
    return f"load-{numbering.USER}-{number}@load.example"


def unknown(number: int) -> str:
    """Return an address of the same length without an account."""
    return f"lost-{numbering.USER}-{number}@load.example"


def refresh_token(email: str) -> str:
    return f"benchmark-{email}"


def health(port: int) -> bytes:
    return f"GET /health HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()


def offers(port: int) -> bytes:
    return encode_request(port, OperationCall(LIST, {"first": 20}), None)


def log_ins(port: int, users: int) -> list[bytes]:
    return [_log_in(port, known(number), PASSWORD) for number in range(users)]


def refreshes(port: int, users: int) -> list[bytes]:
    return [
        _mutation(port, REFRESH, refreshToken=refresh_token(known(number)))
        for number in range(users)
    ]


def compared(port: int, samples: int) -> dict[str, tuple[list[bytes], bytes]]:
    """Return requests by what they measure, and what is in a right answer.

    They are of known and unknown accounts in the order of `is_known`.
    """
    emails = list(_emails(samples))
    return {
        "log-in": ([_log_in(port, one, "wrong password") for one in emails], b"WRONG_CREDENTIALS"),
        "reset": ([_mutation(port, RESET, email=one) for one in emails], b'"errors":[]'),
        "registration": (
            [
                _mutation(port, REGISTER, email=one, password=NEW_PASSWORD, name="Asha")
                for one in emails
            ],
            b'"errors":[]',
        ),
    }


def is_known(place: int) -> bool:
    """Return whether the request at this place is of an account: a pair is known first, then last.

    So a drift of the machine affects both equally.
    """
    return place % 4 in {0, 3}


def _emails(samples: int) -> Iterator[str]:
    for place in range(2 * samples):
        yield (known if is_known(place) else unknown)(place)


def _log_in(port: int, email: str, password: str) -> bytes:
    return _mutation(port, LOG_IN, email=email, password=password)


def _mutation(port: int, document: str, **input: Any) -> bytes:
    number = next(_networks)
    address = f"198.{18 + number // 65_536}.{number // 256 % 256}.{number % 256}"
    request = encode_request(port, OperationCall(document, {"input": input}), None)
    return request.replace(b"\r\n", f"\r\nX-Forwarded-For: {address}\r\n".encode(), 1)
