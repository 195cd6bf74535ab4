"""Jobs of products."""

from uuid import UUID

from procrastinate import Blueprint, JobContext

from jobs.context import WorkerContext
from jobs.retries import FOR_A_DAY
from services.catalog import products

FIRST: UUID | None = UUID(int=0)  # before all ids

tasks = Blueprint()


@tasks.task(name="index_products", retry=FOR_A_DAY, pass_context=True)
async def index_products(context: JobContext, vendor_id: str) -> None:
    """Update the search texts and the places of a vendor's products in batches of 100."""
    transactions, last = WorkerContext.of(context).transactions, FIRST
    while last is not None:
        async with transactions.begin() as session:
            last = await products.index_products(session, UUID(vendor_id), last)
