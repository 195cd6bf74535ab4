"""CPU time of PostgreSQL."""

import psutil


def database_cpu_seconds(postmaster: psutil.Process) -> float:
    """Return the CPU time of PostgreSQL's running and ended processes.

    A process that ended while the others were read would be counted neither as running nor as
    ended, so they are read again: 16 connections that closed at once were half a second.
    """
    while True:
        ended = _ended(postmaster)
        running = sum(map(_used, postmaster.children()))
        if _ended(postmaster) == ended:
            return ended + running


def _ended(postmaster: psutil.Process) -> float:
    own = postmaster.cpu_times()
    return float(own.children_user + own.children_system)


def _used(process: psutil.Process) -> float:
    try:
        used = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(used.user + used.system)
