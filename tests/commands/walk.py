"""A page of commands, run to the letter on an installation, with its servers and its mail."""

import asyncio
import os
import re
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import httpx
import pytest

from core.documents.trusted_documents import sha256
from core.settings import HOME
from tests.commands.installation import Installation
from tests.processes import ended_afterwards

SERVERS = "haat serve &\nhaat worker &\n"
CODE = "CODE=123456\n"
CHOSEN = "PASSWORD='the password that you chose'\n"
PASSWORD = "kitchen-ladder-74-plum"
LINK = re.compile(r"^http\S+#\S+$", re.MULTILINE)
MAILED_CODE = re.compile(r"^    (\d{6})\r?$", re.MULTILINE)
DOCUMENT = re.compile(r'id="(\w+)" data-hash="(\w+)" data-document="([^"]+)"')
BLOCK = re.compile(r"```sh\n(.*?)```", re.DOTALL)
SECONDS = 90
OPERATING = (HOME / "docs/operating.md").read_text()
needs_programs = pytest.mark.skipif(
    not (shutil.which("curl") and shutil.which("jq")), reason="curl or jq is not here"
)


def blocks(page: str) -> list[str]:
    """Return the commands of a page, block by block."""
    return BLOCK.findall(page)


def first_hour() -> list[str]:
    """Return the commands of docs/operating.md that fill an empty installation."""
    after = OPERATING.partition("## Your first hour in production\n")[2]
    return blocks(after.partition("\n## ")[0])


@dataclass
class Mailbox:
    """The mail that the worker sends."""

    codes: asyncio.Queue[str] = field(default_factory=asyncio.Queue)
    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.get_running_loop)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        message = message_from_bytes(envelope.content, policy=policy.default)
        body = message.get_body()
        assert body
        for code in MAILED_CODE.findall(body.get_content()):
            self.loop.call_soon_threadsafe(self.codes.put_nowait, code)
        return "250 OK"


@dataclass
class Shell:
    """One `bash`, which reads a page as a reader types it, and ends at the first failure."""

    process: asyncio.subprocess.Process

    async def run(self, block: str) -> str:
        """Return what the block prints. Fails with its errors if a command of it fails."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{{\n{block}\n}} < /dev/null\necho; echo done\n".encode())
        await self.process.stdin.drain()
        printed: list[str] = []
        async with asyncio.timeout(SECONDS):
            while (line := (await self.process.stdout.readline()).decode()) != "done\n":
                printed.append(line)
                assert line, f"{block}\n{''.join(printed)}"
        return "".join(printed)


@asynccontextmanager
async def shell(installation: Installation, folder: Path) -> AsyncIterator[Shell]:
    """Open a shell in the folder. `haat` is the program of this tree."""
    process = await asyncio.create_subprocess_exec(
        "bash",
        env=os.environ | dict(installation.environment),
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        limit=2**20,
    )
    opened = Shell(process)
    await opened.run(f'set -e -o pipefail\nhaat() {{ "{sys.executable}" "{HOME}/cli.py" "$@"; }}')
    try:
        yield opened
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@contextmanager
def started(installation: Installation, command: str, log: Path) -> Iterator[None]:
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, str(HOME / "cli.py"), command],
            env=os.environ | dict(installation.environment),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    with ended_afterwards(process):
        yield


async def until_served(url: str) -> None:
    async with asyncio.timeout(60), httpx.AsyncClient() as http:
        while True:
            try:
                if (await http.get(f"{url}/ready")).status_code == 200:
                    return
            except httpx.HTTPError:
                pass
            await asyncio.sleep(0.2)


async def follow(link: str) -> None:
    """Do what the page of an admin's link does, with its own documents."""
    page_url, _, token = link.partition("#")
    async with httpx.AsyncClient() as http:
        page = (await http.get(page_url)).text
        documents = {name: (hash, text) for name, hash, text in DOCUMENT.findall(page)}

        async def post(name: str, variables: dict[str, Any]) -> Any:
            hash, text = documents[name]
            text = text.replace("&#34;", '"')
            assert sha256(text) == hash
            body = {"query": text, "variables": variables}
            answer = (
                await http.post(page_url.replace("/auth/admin", "/graphql"), json=body)
            ).json()
            (found,) = answer["data"].values()
            return found

        state = await post("auth_link", {"token": token})
        assert state == {
            "purpose": "ACCEPT_ADMIN",
            "email": "asha@shop.example",
            "accountExists": False,
        }
        given = {"token": token, "password": PASSWORD, "name": "Asha"}
        done = await post("accept_admin_invitation", {"input": given})
        assert done == {"viewer": {"role": "ADMIN"}, "errors": []}
        assert await post("auth_link", {"token": token}) is None


async def walk(
    shell: Shell, page: list[str], empty: Installation, mailbox: Mailbox, processes: ExitStack
) -> list[str]:
    """Run the blocks in their order, and return what each printed.

    Servers end with `processes`. Codes are those of the mails, and the admin's link is opened.
    """
    printed: list[str] = []
    logs = Path(empty.environment["KEYS_FILE"]).parent
    for block in page:
        if block == SERVERS:
            for command in ("serve", "worker"):
                processes.enter_context(started(empty, command, logs / f"{command}.log"))
            await until_served(empty.url)
            (link,) = LINK.findall("".join(printed))
            await follow(link)
            printed.append("")
        elif block == CHOSEN:
            printed.append(await shell.run(f"PASSWORD={PASSWORD}"))
        elif block == CODE:
            async with asyncio.timeout(60):
                printed.append(await shell.run(f"CODE={await mailbox.codes.get()}"))
        else:
            printed.append(await shell.run(block))
    return printed
