"""Distributes the tests among the pytest workers."""

from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

# Their session fixtures start server processes or fill a database, which takes seconds.
ONE_WORKER = ("browser", "clients", "demo", "hostile", "races", "soak", "subscriptions")


class FolderScheduling(LoadScopeScheduling):
    """Gives whole files to a worker, or a whole folder where a session fixture is expensive.

    The marks of `--dist loadgroup` have no effect with pytest 9.2 (pytest-xdist issue 1386).
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        folder = file.split("/")[1]
        return folder if folder in ONE_WORKER else file

    def _assign_work_unit(self, node: WorkerController) -> None:
        """Begin with the folders, which take minutes each: the last worker to end has no help."""
        folder = next((scope for scope in self.workqueue if scope in ONE_WORKER), None)
        if folder:
            self.workqueue.move_to_end(folder, last=False)
        super()._assign_work_unit(node)
