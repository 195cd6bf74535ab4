"""Distributes the tests among the pytest workers."""

from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

# Their session fixtures start server processes or fill a database, which takes seconds.
ONE_WORKER = ("browser", "clients", "demo", "hostile", "races", "soak", "subscriptions")
# Their few tests take up to two minutes each: they start processes, or try thousands of cases.
LONG = (
    "tests/commands/test_backups.py",
    "tests/commands/test_first_hour.py",
    "tests/commands/test_terminal.py",
    "tests/core/settings/test_check.py",
    "tests/core/settings/test_settings.py",
    "tests/outages/",
    "tests/schema/test_input_paths.py",
    "tests/test_",
    "tests/web/test_shared_metrics.py",
    "tests/web/test_start_and_stop.py",
)


def rank(scope: str) -> int:
    """Return 0 for a folder, 1 for a long file, and 2 for others."""
    return 0 if scope in ONE_WORKER else 1 if scope.startswith(LONG) else 2


class FolderScheduling(LoadScopeScheduling):
    """Gives whole files to a worker, or a whole folder where a session fixture is expensive.

    The marks of `--dist loadgroup` have no effect with pytest 9.2 (pytest-xdist issue 1386).
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        folder = file.split("/")[1]
        return folder if folder in ONE_WORKER else file

    def _assign_work_unit(self, node: WorkerController) -> None:
        """Begin with the folders, which take minutes each: the last worker to end has no help.

        Long files follow. xdist assigns those with few tests last, which most of them are.
        """
        self.workqueue.move_to_end(min(self.workqueue, key=rank), last=False)
        super()._assign_work_unit(node)
