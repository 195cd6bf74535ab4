"""The tables of procrastinate's job queue, without its NOTIFY triggers.

NOTIFY takes a database-wide lock at commit, so the triggers would serialize all commits.
Workers poll instead.
"""

from alembic import op
from sqlalchemy.util import await_only

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

NOTIFY_TRIGGERS = (
    "procrastinate_jobs_notify_queue_job_inserted_v1",
    "procrastinate_jobs_notify_queue_job_aborted_v1",
)


def upgrade() -> None:
    # Each server reads the revisions at its start, and needs no job queue.
    from procrastinate.schema import SchemaManager  # noqa: PLC0415

    op.execute("SELECT 1")  # SQLAlchemy opens asyncpg's transaction with the first statement
    driver = op.get_bind().connection.driver_connection
    await_only(driver.execute(SchemaManager.get_schema()))
    for trigger in NOTIFY_TRIGGERS:
        op.execute(f"DROP TRIGGER {trigger} ON procrastinate_jobs")


def downgrade() -> None:
    op.execute(
        """
        DROP TABLE procrastinate_events, procrastinate_periodic_defers, procrastinate_jobs,
            procrastinate_workers CASCADE
        """
    )
    op.execute(
        """
        DO $$ DECLARE function_name regprocedure; BEGIN
            FOR function_name IN SELECT oid FROM pg_proc
                WHERE pronamespace = current_schema()::regnamespace
                AND starts_with(proname, 'procrastinate_')
            LOOP EXECUTE 'DROP FUNCTION ' || function_name; END LOOP;
        END $$
        """
    )
    op.execute(
        """
        DROP TYPE procrastinate_job_status, procrastinate_job_event_type,
            procrastinate_job_to_defer_v1
        """
    )
