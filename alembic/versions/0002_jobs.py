"""The job queue of procrastinate, without its NOTIFY triggers.

They would serialize every commit of the database; workers poll instead.
"""

from alembic import op
from procrastinate.schema import SchemaManager
from sqlalchemy.util import await_only

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

NOTIFYING = (
    "procrastinate_jobs_notify_queue_job_inserted_v1",
    "procrastinate_jobs_notify_queue_job_aborted_v1",
)


def upgrade() -> None:
    op.execute("SELECT 1")  # asyncpg's transaction opens with the first statement
    driver = op.get_bind().connection.driver_connection
    await_only(driver.execute(SchemaManager.get_schema()))
    for trigger in NOTIFYING:
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
        DO $$ DECLARE theirs regprocedure; BEGIN
            FOR theirs IN SELECT oid FROM pg_proc
                WHERE pronamespace = current_schema()::regnamespace
                AND starts_with(proname, 'procrastinate_')
            LOOP EXECUTE 'DROP FUNCTION ' || theirs; END LOOP;
        END $$
        """
    )
    op.execute(
        """
        DROP TYPE procrastinate_job_status, procrastinate_job_event_type,
            procrastinate_job_to_defer_v1
        """
    )
