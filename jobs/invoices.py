"""Jobs of invoices."""

import asyncio
import hashlib
from functools import partial
from uuid import UUID

from procrastinate import Blueprint, JobContext

from core.clock import now
from jobs.context import WorkerContext
from jobs.retries import FOR_A_DAY
from services.invoices import retention, sweeping
from services.invoices.commissions.billing import bill_month
from services.invoices.commissions.months import Month
from services.invoices.content.platform import Operator
from services.invoices.pdf import rendering

CONTENT_TYPE = "application/pdf"
BILLED_MONTHS = 3  # what fails for longer needs a person

tasks = Blueprint()


@tasks.task(name="issue_invoice", retry=FOR_A_DAY, pass_context=True)
async def issue_invoice(context: JobContext, suborder_id: str) -> None:
    """Issue the document of a part of an order that was confirmed."""
    worker = WorkerContext.of(context)
    await sweeping.issue_part(worker.transactions.begin, worker.sealer, UUID(suborder_id))


@tasks.task(name="issue_credit_notes", retry=FOR_A_DAY, pass_context=True)
async def issue_credit_notes(context: JobContext, refund_id: str) -> None:
    """Issue the credit notes of a refund that was granted."""
    worker = WorkerContext.of(context)
    operator, begin = Operator.of(worker.settings), worker.transactions.begin
    await sweeping.issue_credit_notes(begin, worker.sealer, operator, UUID(refund_id))


@tasks.task(name="render_invoice", retry=FOR_A_DAY, pass_context=True)
async def render_invoice(context: JobContext, invoice_id: str) -> None:
    """Make the PDF of a document, and announce it."""
    await render(WorkerContext.of(context), UUID(invoice_id))


@tasks.periodic(cron="*/5 * * * *")
@tasks.task(name="sweep_invoices", queueing_lock="sweep_invoices", pass_context=True)
async def sweep_invoices(context: JobContext, timestamp: int) -> None:
    """Issue and render what is missing, in batches of 100."""
    worker = WorkerContext.of(context)
    operator = Operator.of(worker.settings)
    await sweeping.issue_lost(worker.transactions.begin, worker.sealer, operator)
    await sweeping.render_lost(worker.transactions.begin, partial(render, worker))


@tasks.periodic(cron="23 4 * * *")
@tasks.task(name="issue_commissions", queueing_lock="issue_commissions", pass_context=True)
async def issue_commissions(context: JobContext, timestamp: int) -> None:
    """Issue what is missing of the documents for commission of the last months."""
    worker = WorkerContext.of(context)
    operator = Operator.of(worker.settings)
    if operator is None:
        return
    today, zone = operator.issuer.day(now()), operator.issuer.zone
    for month in Month.last_before(today, zone, BILLED_MONTHS):
        await bill_month(worker.transactions.begin, worker.sealer, operator, month)


@tasks.periodic(cron="34 3 * * *")
@tasks.task(name="blank_old_invoices", queueing_lock="blank_old_invoices", pass_context=True)
async def blank_old_invoices(context: JobContext, timestamp: int) -> None:
    """Remove the PDFs and the parties of documents whose term of bookkeeping is over."""
    worker = WorkerContext.of(context)
    begin, years = worker.transactions.begin, worker.settings.order_years
    found = True
    while found:
        async with begin() as session:
            old = await retention.find_old_invoices(session, years)
        for invoice in old:
            await worker.objects.remove(invoice.key)
        async with begin() as session:
            await retention.blank_invoices(session, [invoice.id for invoice in old])
        found = bool(old)


async def render(worker: WorkerContext, invoice_id: UUID) -> bool:
    """Make and store the PDF of a document, unless it has one. Returns that it has one now.

    A repetition stores the file again, as long as its checksum is not recorded.
    """
    async with worker.transactions.begin() as session:
        found = await rendering.find_document(
            session, worker.sealer, worker.settings.address, invoice_id
        )
    if found is not None:
        key, document = found
        content = await asyncio.to_thread(rendering.make_file, document)
        await worker.objects.write(key, content, CONTENT_TYPE)
        async with worker.transactions.begin() as session:
            await rendering.finish(session, invoice_id, hashlib.sha256(content).digest())
    return True
