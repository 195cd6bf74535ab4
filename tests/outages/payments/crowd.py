"""Buyers who pay while everything fails, and the jobs that end what is open afterwards."""

import asyncio
import os
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import cycle
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import httpx
import psutil
from procrastinate import App
from procrastinate.jobs import DeleteJobCondition
from sqlalchemy import text

from core.clock import now
from core.database import Database
from core.redis.pubsub import PubSub
from core.security.sealed import Sealer
from core.security.signing_keys import SigningKeys
from core.settings import Settings
from gateways.mail import create_mail_sender
from gateways.payments.factory import create_payment_gateways
from gateways.storage.factory import create_storage
from jobs.context import WorkerContext
from models.bookings.bookings import Booking, BookingState
from models.orders.lines import LineKind
from payments_stand_in.state import PUBLISHABLE_KEY, SECRET_KEY, WEBHOOK_SECRET
from services.orders.placing.expiry import expire_overdue
from services.payments.events.events import catch_up
from services.payments.watching import look_at_payments
from services.transaction import Transactions
from tests import warm_processes
from tests.client import Client, gid
from tests.factories.buying import PRICE, Buyer, Stall
from tests.factories.paying import save_card
from tests.factories.world import World
from tests.payment_providers import RunningStandIn
from tests.processes import DEVELOPMENT, ended_afterwards, wait_until_ready
from tests.queues import queue_of
from tests.resolvers.bookings.clinic import Clinic
from tests.resolvers.events.box_office import BoxOffice
from tests.running import Postgres
from tests.warm_processes import WarmProcess

FIELDS = "order { id number } payment { id }"
TRIES = 60
DEPOSIT = 200_00  # of a booking
MOST_BETWEEN = 40  # payments between two kills
ALL_DUE = text(
    "UPDATE procrastinate_jobs SET scheduled_at = now()"
    " WHERE status = 'todo' AND task_name NOT LIKE '%deliver%'"
)
OPEN_JOBS = text(
    "SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo'"
    " AND (task_name LIKE '%provider_call' OR task_name LIKE '%payment%')"
)
STALLED = text("UPDATE procrastinate_jobs SET status = 'todo' WHERE status = 'doing'")
FAILED = text("SELECT count(*) FROM procrastinate_jobs WHERE status = 'failed'")
OVERDUE = text(
    "UPDATE \"order\" SET hold_until = now() - interval '1 second', created_at = created_at"
    " - interval '1 hour' WHERE state = 'PENDING'"
)
SILENT = text(
    "UPDATE payment SET cancelling_at = now() - interval '11 minutes' WHERE status = 'CANCELLING'"
)


def stripe_environment(stand_in: RunningStandIn) -> dict[str, str]:
    return {
        "STRIPE_SECRET_KEY": SECRET_KEY,
        "STRIPE_PUBLISHABLE_KEY": PUBLISHABLE_KEY,
        "STRIPE_WEBHOOK_SECRETS": WEBHOOK_SECRET,
        "STRIPE_URL": stand_in.url,
    }


@dataclass
class PayingCrowd:
    """Buyers, and the processes that serve them."""

    settings: Settings
    stand_in: RunningStandIn
    world: World
    stall: Stall
    office: BoxOffice
    clinic: Clinic
    folder: Path
    port: int
    running: ExitStack
    chance: Random
    processes: dict[str, WarmProcess] = field(default_factory=dict)
    cards: dict[UUID, str] = field(default_factory=dict)
    begun: int = 0  # payments
    progress: asyncio.Condition = field(default_factory=asyncio.Condition)
    killed: list[str] = field(default_factory=list)

    def start(self, *commands: str) -> None:
        for command in commands:
            with (self.folder / "log").open("ab") as output:
                whole = os.environ | self._environment()
                process = warm_processes.start(command, whole, output)
            self.running.enter_context(ended_afterwards(process))
            self.processes[command] = process
        wait_until_ready(f"http://127.0.0.1:{self.port}", 120)

    def _environment(self) -> dict[str, str]:
        return {
            **DEVELOPMENT,
            **stripe_environment(self.stand_in),
            "PORT": str(self.port),
            "WORKERS": "1",
            "DATABASE_URL": str(self.settings.database_url),
            "REDIS_URL": str(self.settings.redis_url),
            "KEYS_FILE": str(self.settings.keys_file),
            "OUTBOX": str(self.settings.outbox),
            "OBJECTS_FOLDER": str(self.settings.objects_folder),
            "ANONYMOUS_POINTS": "1000000",
            "POINTS_PER_SECOND": "1000000",
        }

    async def buyer(self, api: Client) -> Buyer:
        """Return a buyer with a checkout of goods, a held ticket and a held booking, and a card."""
        buyer = await Buyer.create(self.world, api)
        hold = await self.office.hold(buyer.user, expires_at=now() + timedelta(minutes=30))
        held = (LineKind.TICKET, hold.id), (LineKind.BOOKING, (await self._book(buyer)).id)
        items = [{"kind": kind, "id": str(id), "quantity": 1} for kind, id in held]
        await buyer.fill(self.stall.variant, items=items)
        card = await save_card(self.world, self.stand_in, buyer.user.id)
        self.cards[buyer.user.id] = gid(card)
        return buyer

    async def _book(self, buyer: Buyer) -> Booking:
        """Return a booking that is held, at a time of its own, with a deposit to pay."""
        until = now() + timedelta(minutes=30)
        held: dict[str, Any] = {"state": BookingState.HELD, "due_online": DEPOSIT}
        starts_at = self.clinic.at(0) + timedelta(minutes=30 * len(self.cards))
        return await self.clinic.booking(
            buyer.user, starts_at, **held, expires_at=until, hard_until=until
        )

    async def destroy(self, postgres: Postgres, paying: Sequence[asyncio.Task[None]]) -> None:
        """Kill the server, the worker and PostgreSQL in turn, each after some more payments."""
        step = min(len(paying) // 4, MOST_BETWEEN)
        for number, victim in enumerate(cycle(("serve", "worker", "postgres", "serve")), 1):
            await self._wait_until_begun(min(number * step, len(paying)))
            if all(one.done() for one in paying) or number * step > len(paying):
                return
            self.killed.append(victim)
            if victim == "postgres":
                await asyncio.to_thread(postgres.restart)
                continue
            self._kill(self.processes[victim].pid)
            await asyncio.sleep(0.5)
            await asyncio.to_thread(self.start, victim)

    async def _wait_until_begun(self, payments: int) -> None:
        async with self.progress:
            await self.progress.wait_for(lambda: self.begun >= payments)

    def _kill(self, pid: int) -> None:
        root = psutil.Process(pid)
        for process in [*root.children(recursive=True), root]:
            with suppress(psutil.NoSuchProcess):
                process.kill()

    async def pay(self, buyer: Buyer, gate: asyncio.Semaphore) -> None:
        """Order and pay, then perhaps cancel, pay again or go away."""
        async with gate:
            async with self.progress:
                self.begun += 1
                self.progress.notify_all()
            act = self.chance.choice(["pay", "pay", "saved", "saved", "cancel", "retry", "leave"])
            total = PRICE + self.office.kind.price + DEPOSIT
            given = buyer.input(total, provider="STRIPE")
            if act == "saved":
                given["paymentMethodId"] = self.cards[buyer.user.id]
            placed = await self._do(buyer, "placeOrder", given, FIELDS)
            if not placed or placed["errors"] or act == "saved":
                return
            order = {"orderId": placed["order"]["id"]}
            if act == "retry":
                again = {**order, "provider": "STRIPE", "idempotencyKey": "again"}
                self._confirm(placed)
                await self._do(buyer, "retryPayment", again, "order { id }")
            if act == "cancel":
                await asyncio.gather(
                    self._do(
                        buyer, "cancelOrder", {**order, "idempotencyKey": "c"}, "order { id }"
                    ),
                    asyncio.to_thread(self._confirm, placed),
                )
            if act != "leave":
                await asyncio.sleep(self.chance.uniform(0, 0.5))
                self._confirm(placed)
                self._confirm(placed)

    def _confirm(self, placed: dict[str, Any]) -> None:
        """Pay all payments of the order that the provider has, as browsers would."""
        for intent in self._intents():
            if intent["description"] == f"Order {placed['order']['number']}":
                with suppress(httpx.HTTPError, ValueError):
                    self.stand_in.confirm(intent["id"])

    def _intents(self) -> list[dict[str, Any]]:
        return list(self.stand_in.objects("payment_intent").values())

    async def _do(
        self, buyer: Buyer, name: str, given: dict[str, Any], fields: str
    ) -> dict[str, Any] | None:
        """Repeat a mutation with its key until it is answered."""
        for _ in range(TRIES):
            with suppress(httpx.HTTPError, AssertionError, KeyError):
                return await buyer.client.do(name, given, fields)
            await asyncio.sleep(0.5)
        return None


@dataclass
class Recovery:
    """The jobs, the poller and the list of webhooks, as they run when all is well again."""

    settings: Settings
    stand_in: RunningStandIn
    keys: SigningKeys
    database: Database

    async def run(self) -> None:
        settings = self.settings.model_copy(
            update={
                "stripe_secret_key": SECRET_KEY,
                "stripe_webhook_secrets": [WEBHOOK_SECRET],
                "stripe_url": self.stand_in.url,
            }
        )
        pubsub = PubSub(settings.redis)
        await pubsub.start()
        transactions = Transactions(self.database, pubsub, notify_after=timedelta())
        gateways = create_payment_gateways(settings)
        worker = WorkerContext(
            settings,
            transactions,
            create_mail_sender(settings),
            create_storage(settings, self.keys),
            None,
            Sealer(self.keys),
            None,
            gateways,
            self.keys,
        )
        await self._execute(STALLED)
        with queue_of(settings, pubsub) as queue:
            async with queue.open_async():
                await self._run(queue, worker)
        assert await self._count(FAILED) == 0
        for gateway in gateways.values():
            await gateway.close()
        await pubsub.stop()

    async def _run(self, queue: App, worker: WorkerContext) -> None:
        transactions, gateways = worker.transactions, worker.payments
        for round_ in range(12):
            await self._execute(ALL_DUE)
            await queue.run_worker_async(
                wait=False,
                concurrency=4,
                listen_notify=False,
                install_signal_handlers=False,
                delete_jobs=DeleteJobCondition.SUCCESSFUL,
                additional_context={"worker": worker},
            )
            last = await look_at_payments(transactions.begin, gateways)
            while last is not None:
                last = await look_at_payments(transactions.begin, gateways, last)
            for provider, gateway in gateways.items():
                await catch_up(transactions.begin, provider, gateway)
            if round_ == 2:  # the time of what was not paid is over
                await self._execute(OVERDUE)
            if round_ == 4:
                await self._execute(SILENT)
            while await expire_overdue(transactions.begin):
                pass
            if round_ > 5 and not await self._count(OPEN_JOBS):
                break

    async def _execute(self, statement: Any) -> None:
        async with self.database.session() as session, session.begin():
            await session.execute(statement)

    async def _count(self, statement: Any) -> int:
        async with self.database.session() as session:
            return int(await session.scalar(statement))
