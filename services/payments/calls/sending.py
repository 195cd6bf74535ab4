"""Sends calls to payment providers, so that each has its effect once whatever fails in between.

1. The call was planned in the transaction of its subject.
2. It is marked SENT, and committed. Then the provider is asked with the stored key.
3. A second transaction stores the outcome, by the function that webhooks use too.

Without an answer, the job sends the same key again. If the provider failed in between, which it
would only repeat for the same key, the object is looked for, and a new key is used when it is not
there. A key is never sent when the provider may have forgotten it.
"""

import asyncio
import dataclasses
import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from core.circuit_breaker import CircuitOpen
from core.clock import now
from core.security.sealed import Sealer
from gateways.payments.errors import (
    Declined,
    NoAnswer,
    ObjectNotFound,
    PaymentProviderError,
    ProviderRefused,
    UnknownOutcome,
)
from gateways.payments.gateway import PaymentGateway, PaymentGateways
from models.payments.calls import MAX_ATTEMPTS, CallState, ProviderCall
from services.payments.calls.rows import NET_SECONDS, end_call, lock_call, plan_call
from services.payments.calls.rules import RULES
from services.transaction import OpenTransaction

SEND_SECONDS = 20


@dataclass(frozen=True)
class Sending:
    """A call that is marked SENT. It is only looked for if it must not be sent with its key."""

    call: ProviderCall
    wanted: Any
    is_over: bool
    looks_first: bool


@dataclass(frozen=True)
class CallSender:
    """Sends the calls of this process."""

    transaction: OpenTransaction
    gateways: PaymentGateways
    sealer: Sealer

    async def send(self, call_id: UUID) -> None:
        """Send a call unless it has ended, and store its outcome.

        Raises `NoAnswer` and `UnknownOutcome` if it is to be sent again later.
        """
        sending = await self._mark_sent(call_id)
        if sending is None:
            return
        gateway = self.gateways.get(sending.call.provider)
        if gateway is None:
            raise NoAnswer("The provider is not set up.")
        try:
            if not sending.looks_first:
                await self._ask(gateway, sending)
            elif not await self._look(gateway, sending):
                await self._go_on(sending)
        except UnknownOutcome:
            await self._note_doubt(sending.call)
            raise
        except (Declined, ProviderRefused) as error:
            await self._refuse(sending.call, error)

    async def try_to_send(self, call_id: UUID) -> None:
        """Send a call now. Without an answer in time, its job goes on."""
        with suppress(NoAnswer, UnknownOutcome):
            await self.send(call_id)

    async def _mark_sent(self, call_id: UUID) -> Sending | None:
        async with self.transaction() as session:
            call = await lock_call(session, call_id)
            if call is None or not call.is_open:
                return None
            request = await RULES[call.purpose].read(session, self.sealer, call)
            hashed, was_sent = _hash(request.wanted), call.sent_at is not None
            changed = was_sent and hashed != call.request_hash
            looks = was_sent and (
                call.is_doubtful or call.has_expired or changed or request.is_over
            )
            call.state = CallState.SENT
            if not request.is_over and not looks:
                call.sent_at, call.request_hash = call.sent_at or now(), hashed
            session.add(call)
            await session.flush()
            session.expunge(call)
        return Sending(call, request.wanted, request.is_over, looks or request.is_over)

    async def _ask(self, gateway: PaymentGateway, sending: Sending) -> None:
        call = sending.call
        async with in_time():
            answer = await RULES[call.purpose].send(gateway, sending.wanted, key=call.key)
        await self._store(call, answer)

    async def _look(self, gateway: PaymentGateway, sending: Sending) -> bool:
        """Store the answer of an earlier call. Returns whether the provider has one."""
        call = sending.call
        if call.sent_at is None:
            return False
        async with in_time():
            answer = await RULES[call.purpose].search(gateway, sending.wanted)
        if answer is not None:
            await self._store(call, answer)
        return answer is not None

    async def _go_on(self, sending: Sending) -> None:
        """Continue with a call that the provider does not know."""
        call = sending.call
        if sending.is_over:
            await self._refuse(call, ObjectNotFound("It was not needed any more."))
        elif call.has_expired or call.attempt >= MAX_ATTEMPTS:
            async with self.transaction() as session:
                await end_call(session, call, CallState.UNKNOWN, call.error or "No answer came.")
        else:
            async with self.transaction() as session:
                locked = await lock_call(session, call.id)
                if locked is None or not locked.is_open:
                    return
                await end_call(session, call, CallState.REFUSED, "The provider does not know it.")
                following = await plan_call(
                    session,
                    call.provider,
                    call.subject_id,
                    call.purpose,
                    attempt=call.attempt + 1,
                    at=now() + timedelta(seconds=NET_SECONDS),
                )
            await self.send(following.id)

    async def _store(self, call: ProviderCall, answer: Any) -> None:
        async with self.transaction() as session:
            await RULES[call.purpose].done(session, call, answer)
            await session.flush()
            await end_call(session, call, CallState.DONE)

    async def _refuse(self, call: ProviderCall, error: PaymentProviderError) -> None:
        async with self.transaction() as session:
            await RULES[call.purpose].refused(session, call, error)
            await session.flush()
            await end_call(session, call, CallState.REFUSED, str(error))

    async def _note_doubt(self, call: ProviderCall) -> None:
        async with self.transaction() as session:
            locked = await lock_call(session, call.id)
            if locked is not None and locked.is_open:
                locked.is_doubtful = True


@asynccontextmanager
async def in_time() -> AsyncIterator[None]:
    """Raise `NoAnswer` for a provider that does not answer in time, or is not asked now."""
    try:
        async with asyncio.timeout(SEND_SECONDS):
            yield
    except TimeoutError as error:
        raise NoAnswer(f"No answer within {SEND_SECONDS} seconds.") from error
    except CircuitOpen as error:
        raise NoAnswer("The provider is not asked now.", after=error.seconds) from error


def _hash(wanted: Any) -> bytes:
    """Return a hash of a request: one that has changed must not be sent with the same key."""
    fields = dataclasses.asdict(wanted)
    return hashlib.sha256(json.dumps(fields, default=str, sort_keys=True).encode()).digest()
