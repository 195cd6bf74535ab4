"""A lost answer: the connection closes before the answer is complete."""

from starlette.responses import Response
from starlette.types import Receive, Scope, Send


class LostAnswer(Response):
    """Announces a body and ends without it, upon which the server closes the connection."""

    def __init__(self) -> None:
        super().__init__(headers={"Content-Length": "1000", "Connection": "close"})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send(
            {"type": "http.response.start", "status": 200, "headers": self.raw_headers},
        )
