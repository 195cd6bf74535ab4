"""Disconnects clients that do not read."""

import asyncio

SEND_TIMEOUT_SECONDS = 10.0


class SendTimeout(asyncio.Protocol):
    """Disconnects a client that reads nothing for 10 seconds.

    The transport buffers 64 KiB, and senders wait while it is full. Without a timeout they would
    wait forever, because closing the connection waits for the same client.
    """

    transport: asyncio.Transport
    _timeout: asyncio.TimerHandle | None = None

    def pause_writing(self) -> None:
        super().pause_writing()
        loop = asyncio.get_running_loop()
        self._timeout = loop.call_later(SEND_TIMEOUT_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        self._cancel_timeout()
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        self._cancel_timeout()
        super().connection_lost(exc)

    def abort_later(self) -> None:
        """Abort a closing connection after 10 seconds if it has data to send.

        Closing sends the rest first, and less than a full buffer does not pause writing.
        """
        if self.transport.get_write_buffer_size():
            asyncio.get_running_loop().call_later(SEND_TIMEOUT_SECONDS, self.transport.abort)

    def _cancel_timeout(self) -> None:
        if self._timeout:
            self._timeout.cancel()
            self._timeout = None
