"""A process that is killed while it settles a payment: a fork of the test's, with SIGKILL."""

import asyncio
import os
import signal
from multiprocessing import get_context
from typing import Any, Never
from uuid import UUID

import pytest

from core.database import Database
from core.settings import Settings
from core.statements.units import UnitOfWork, connection_of
from tests.factories.order_of_user import collect_money

Moment = tuple[object, str]  # the owner of a function, and its name: the call that kills


def die(*_: object, **__: object) -> Never:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("SIGKILL does not return")


async def commit_and_die(unit: UnitOfWork, *_: object, **__: object) -> Any:
    """Commit what was written until now, as if it were a transaction of its own."""
    await (await connection_of(unit)).execute("COMMIT")
    die()


async def kill_while_settling(
    monkeypatch: pytest.MonkeyPatch,
    settings: Settings,
    payment_id: UUID,
    moment: Moment,
    *,
    apart: bool = False,
) -> None:
    """Settle a payment that a provider has collected, up to a moment.

    With `apart`, what was written until then is committed before.
    """

    def settle() -> None:
        asyncio.run(collect_money(Database(settings.sqlalchemy_url, pool=2), payment_id))

    process = get_context("fork").Process(target=settle)
    with monkeypatch.context() as patched:
        patched.setattr(*moment, commit_and_die if apart else die)
        process.start()
    await asyncio.to_thread(process.join)
    assert process.exitcode == -signal.SIGKILL
