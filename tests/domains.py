"""Files in which each domain names its cases for tests of the whole product."""

from importlib import import_module
from types import ModuleType

from core.settings import HOME


def of_domains(layer: str, name: str) -> list[ModuleType]:
    """Return the modules `tests/<layer>/<domain>/<name>.py`, sorted by domain."""
    domains = sorted(path.parent.name for path in (HOME / "tests" / layer).glob(f"*/{name}.py"))
    return [import_module(f"tests.{layer}.{domain}.{name}") for domain in domains]
