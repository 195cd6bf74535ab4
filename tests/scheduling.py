"""Distributes the tests among the pytest workers."""

from xdist.scheduler import LoadScopeScheduling

# Their session fixtures start server processes, which takes seconds.
ONE_WORKER = ("browser", "clients", "hostile", "races", "soak", "subscriptions")


class FolderScheduling(LoadScopeScheduling):
    """Gives whole files to a worker, or a whole folder where a session fixture is expensive.

    The marks of `--dist loadgroup` have no effect with pytest 9.2 (pytest-xdist issue 1386).
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        folder = file.split("/")[1]
        return folder if folder in ONE_WORKER else file
