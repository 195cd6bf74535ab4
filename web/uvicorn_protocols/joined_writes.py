"""Writes the head of a response together with the beginning of its body."""

import asyncio

# `100 Continue` comes before the head, and a client may send its body only after it.
INTERIM = b"HTTP/1.1 100 "


class JoinedWrites:
    """The transport of one response.

    uvicorn writes the head and the body one after the other, and each write is a system call and a
    packet: the second one took a twentieth of the CPU time of a short request. A head whose body
    takes longer, such as that of an event stream, is sent in the next pass of the event loop.
    """

    __slots__ = ("_begun", "_head", "_transport")

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._begun = False
        self._head = b""

    def write(self, data: bytes) -> None:
        if data.startswith(INTERIM) and not self._begun:
            self._transport.write(data)
        elif not self._begun:
            self._begun, self._head = True, data
            asyncio.get_running_loop().call_soon(self.flush)
        elif self._head:
            head, self._head = self._head, b""
            self._transport.writelines((head, data))
        else:
            self._transport.write(data)

    def flush(self) -> None:
        """Write a head that still waits for its body, unless the client is gone."""
        head, self._head = self._head, b""
        if head and not self._transport.is_closing():
            self._transport.write(head)

    def is_closing(self) -> bool:
        return self._transport.is_closing()

    def close(self) -> None:
        self.flush()
        self._transport.close()
