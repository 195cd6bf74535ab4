"""Errors as Stripe answers them."""

from typing import Any

from payments_stand_in.store import Json


class Refused(Exception):
    """An error answer. One that is not `kept` is not stored under the idempotency key."""

    def __init__(
        self,
        code: str | None,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        param: str | None = None,
        kept: bool = True,
        **members: Any,
    ) -> None:
        super().__init__(message)
        error = {"code": code, "message": message, "param": param, "type": kind, **members}
        self.status, self.kept = status, kept
        self.body: Json = {
            "error": {name: value for name, value in error.items() if value is not None}
        }


def invalid(param: str, code: str, message: str) -> Refused:
    """Return the refusal of a parameter. The call can be repeated with the same key."""
    return Refused(code, message, param=param, kept=False)
