"""Jobs of products."""

from uuid import UUID

from procrastinate import Blueprint, JobContext

from jobs.context import WorkerContext
from jobs.retries import FOR_A_DAY
from models.catalog.imports import MAX_IMPORT_BYTES, ImportFailure
from models.errors import Refusal
from services.catalog import products
from services.catalog.imports import imports, results
from services.catalog.imports.files import FileRow, UnreadableFile, read_file
from services.transaction import Transactions, by_ids

tasks = Blueprint()


@tasks.task(name="index_products", retry=FOR_A_DAY, pass_context=True)
async def index_products(context: JobContext, vendor_id: str) -> None:
    """Update the search texts and the places of a vendor's products in batches of 100."""
    begin, id = WorkerContext.of(context).transactions.begin, UUID(vendor_id)
    await by_ids(begin, lambda session, last: products.index_products(session, id, last))


@tasks.task(name="import_products", retry=FOR_A_DAY, pass_context=True)
async def import_products(context: JobContext, import_id: str) -> None:
    """Import the rows of a file. A retry continues after the last row that has a result."""
    worker, id = WorkerContext.of(context), UUID(import_id)
    async with worker.transactions.begin() as session:
        if await imports.is_over(session, id):
            return
        key = await imports.find_file(session, id)
    content = await worker.objects.read(key, MAX_IMPORT_BYTES) if key else None
    try:
        if content is None:
            raise UnreadableFile(ImportFailure.FILE_MISSING)
        rows = read_file(content)
    except UnreadableFile as error:
        async with worker.transactions.begin() as session:
            await imports.finish_import(session, id, error.failure)
        return
    async with worker.transactions.begin() as session:
        started = await imports.start_import(session, id, rows)
    if not started:
        return
    for row in rows:
        await _import_row(worker.transactions, id, row)
    async with worker.transactions.begin() as session:
        await imports.finish_import(session, id)


async def _import_row(transactions: Transactions, import_id: UUID, row: FileRow) -> None:
    """Import a row. What a refusal or a dry run rolls back is recorded in another transaction."""
    try:
        async with transactions.begin() as session:
            await results.import_row(session, import_id, row)
    except Refusal as refusal:
        async with transactions.begin() as session:
            await results.record_refusal(session, import_id, row, refusal)
    except results.DryRun as run:
        async with transactions.begin() as session:
            await results.record_outcome(session, import_id, row, run.outcome)
