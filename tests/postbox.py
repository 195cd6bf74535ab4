"""A real SMTP server in this process."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword


class Postbox:
    """Takes mail in, or refuses all of it."""

    def __init__(self) -> None:
        self.received: list[tuple[list[str], EmailMessage]] = []
        self.reply = "250 OK"
        self.refuses = ""
        self.logged_in: list[tuple[bytes, bytes]] = []
        self.contents: list[bytes] = []

    @contextmanager
    def open(self, *, smtputf8: bool = False) -> Iterator[str]:
        """Listen, with or without the extension for addresses outside ASCII (RFC 6531)."""
        with socket.socket() as listening:
            listening.bind(("127.0.0.1", 0))
            port = listening.getsockname()[1]
        controller = Controller(
            self,
            hostname="127.0.0.1",
            port=port,
            authenticator=self.authenticate,
            auth_require_tls=False,
            enable_SMTPUTF8=smtputf8,
        )
        controller.start()
        try:
            yield f"127.0.0.1:{port}"
        finally:
            controller.stop()

    async def handle_RCPT(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        envelope.rcpt_tos.append(address)
        return self.refuses or "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        message = message_from_bytes(envelope.content, policy=policy.default)
        if self.reply.startswith("250"):
            self.received.append((envelope.rcpt_tos, message))
            self.contents.append(envelope.content)
        return self.reply

    def authenticate(
        self, server: Any, session: Any, envelope: Any, mechanism: str, given: LoginPassword
    ) -> AuthResult:
        self.logged_in.append((given.login, given.password))
        return AuthResult(success=given.password == b"p@ss:word", handled=False)
