"""Runs a program that reads foreign content, in a process without an environment."""

import asyncio
from asyncio.subprocess import PIPE
from collections.abc import Sequence
from typing import NamedTuple

from core.settings import HOME


class SandboxUnavailable(Exception):
    """The process could not start, or was killed. A retry may succeed."""


class Ended(NamedTuple):
    """The end of a process. A negative status is the number of the signal that ended it."""

    status: int
    output: bytes
    problem: bytes


async def run_in_sandbox(command: Sequence[str], content: bytes, *, seconds: float) -> Ended:
    """Give a process the content, and wait for its end. It never outlives the call.

    Raises `SandboxUnavailable` if it cannot start, or has not ended after so many seconds.
    """
    try:
        process = await asyncio.create_subprocess_exec(
            *command, stdin=PIPE, stdout=PIPE, stderr=PIPE, cwd=HOME, env={}
        )
    except OSError as error:
        raise SandboxUnavailable from error
    try:
        async with asyncio.timeout(seconds):
            output, problem = await process.communicate(content)
    except TimeoutError as error:
        raise SandboxUnavailable from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return Ended(process.returncode or 0, output, problem)
