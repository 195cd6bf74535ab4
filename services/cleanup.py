"""The hourly clean-up, mostly of rows past their retention time."""

import pkgutil
from collections.abc import Sequence
from importlib import import_module

import services
from services.cleanup_tasks import CleanupTask


def find_tasks() -> Sequence[CleanupTask]:
    """Return the tasks that the services' modules export as `CLEANUP`."""
    names = [module.name for module in pkgutil.walk_packages(services.__path__, "services.")]
    return [task for name in sorted(names) for task in getattr(import_module(name), "CLEANUP", ())]
