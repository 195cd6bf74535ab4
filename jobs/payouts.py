"""Jobs of payouts: releases, schedules, calls to providers, and the reconciliation."""

from functools import partial
from uuid import UUID

import structlog
from procrastinate import Blueprint, JobContext

from gateways.payments.errors import PaymentProviderError
from jobs.context import WorkerContext
from jobs.retries import FOR_A_DAY
from services.payouts import debts, planning, polling, releasing, starting
from services.payouts.accounts import retention
from services.payouts.accounts.terms import PayoutPolicy
from services.payouts.reconciliation.balances import compare_balances
from services.payouts.reconciliation.importing import import_lines
from services.payouts.reconciliation.matching import match_lines
from services.transaction import in_batches

tasks = Blueprint()

log = structlog.get_logger(__name__)


@tasks.task(name="register_payout_account", retry=FOR_A_DAY, pass_context=True)
async def register_payout_account(context: JobContext, payout_account_id: str) -> None:
    """Register a vendor's bank account at its provider."""
    worker = WorkerContext.of(context)
    await polling.register_account(
        worker.transactions.begin, worker.payments, worker.sealer, UUID(payout_account_id)
    )


@tasks.task(name="start_payout", retry=FOR_A_DAY, pass_context=True)
async def start_payout(context: JobContext, payout_id: str) -> None:
    """Take the money of a payout out of the balance, and plan the call that sends it."""
    worker = WorkerContext.of(context)
    begin, gateways = worker.transactions.begin, worker.payments
    await starting.start_payout(begin, gateways, UUID(payout_id))


@tasks.periodic(cron="22 * * * *")
@tasks.task(name="start_payouts", queueing_lock="start_payouts", pass_context=True)
async def start_payouts(context: JobContext, timestamp: int) -> None:
    """Start payouts that wait, such as for money that the provider can move."""
    worker = WorkerContext.of(context)
    for payout_id in await starting.find_planned(worker.transactions.begin):
        try:
            await starting.start_payout(worker.transactions.begin, worker.payments, payout_id)
        except PaymentProviderError as error:
            log.warning("payouts.not_started", payout_id=str(payout_id), error=str(error))


@tasks.periodic(cron="16 4 * * *")
@tasks.task(name="plan_payouts", queueing_lock="plan_payouts", pass_context=True)
async def plan_payouts(context: JobContext, timestamp: int) -> None:
    """Plan a payout for each vendor that is due by its schedule."""
    worker = WorkerContext.of(context)
    await planning.plan_due(worker.transactions.begin, PayoutPolicy.of(worker.settings))


@tasks.periodic(cron="33 * * * *")
@tasks.task(name="poll_payouts", queueing_lock="poll_payouts", pass_context=True)
async def poll_payouts(context: JobContext, timestamp: int) -> None:
    """Ask providers about payouts and accounts whose state can have changed."""
    worker = WorkerContext.of(context)
    begin = worker.transactions.begin
    await polling.note_unknown_payouts(begin)
    await polling.poll_payouts(begin, worker.payments)
    await polling.poll_accounts(begin, worker.payments)


@tasks.periodic(cron="44 * * * *")
@tasks.task(name="release_reserves", queueing_lock="release_reserves", pass_context=True)
async def release_reserves(context: JobContext, timestamp: int) -> None:
    """Release reserves whose time is over, and what returned parts have left to vendors."""
    worker = WorkerContext.of(context)
    begin, policy = worker.transactions.begin, PayoutPolicy.of(worker.settings)
    while await releasing.release_ended(begin, policy):
        pass
    while await releasing.unreserve_due(begin):
        pass


@tasks.periodic(cron="36 4 * * *")
@tasks.task(name="follow_debts", queueing_lock="follow_debts", pass_context=True)
async def follow_debts(context: JobContext, timestamp: int) -> None:
    """Note which vendors owe money, and notify the owners of those that do so for long."""
    begin = WorkerContext.of(context).transactions.begin
    await debts.follow_debts(begin)
    await debts.notify_debtors(begin)


@tasks.periodic(cron="14 3 * * *")
@tasks.task(
    name="blank_old_payout_accounts", queueing_lock="blank_old_payout_accounts", pass_context=True
)
async def blank_old_payout_accounts(context: JobContext, timestamp: int) -> None:
    """Blank the bank details of accounts that were closed before the term of bookkeeping."""
    worker = WorkerContext.of(context)
    blank = partial(retention.blank_old_payout_accounts, years=worker.settings.order_years)
    await in_batches(worker.transactions.begin, blank)


@tasks.periodic(cron="46 3 * * *")
@tasks.task(name="reconcile_providers", queueing_lock="reconcile_providers", pass_context=True)
async def reconcile_providers(context: JobContext, timestamp: int) -> None:
    """Compare the books and the balances of all providers with the ledger.

    A provider that does not answer is compared in the next night, and so are the balances.
    """
    worker = WorkerContext.of(context)
    begin, complete = worker.transactions.begin, True
    for provider, gateway in worker.payments.items():
        try:
            await import_lines(begin, provider, gateway)
        except PaymentProviderError as error:
            complete = False
            log.warning("reconciliation.not_imported", provider=provider, error=str(error))
    await match_lines(begin)
    if complete:
        await compare_balances(begin, worker.payments)
