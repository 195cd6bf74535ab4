"""The versions of what is measured."""

import json
import subprocess
from importlib.metadata import version

from benchmarks.peers.contenders import NODE, NODE_PROGRAMS

NODE_PACKAGES = ("graphql-yoga", "@apollo/server", "mercurius", "graphql-jit", "postgraphile")
DATABASE_PACKAGES = ("graphql", "dataloader", "pg")
PYTHON_PACKAGES = ("strawberry-graphql", "graphql-core", "sqlalchemy", "asyncpg", "uvicorn")


def describe_versions() -> list[tuple[str, str]]:
    """Return names and values."""
    node = subprocess.run([str(NODE), "--version"], capture_output=True, text=True, check=True)  # noqa: S603
    lock = json.loads((NODE_PROGRAMS / "package-lock.json").read_text())["packages"]
    packages = [
        f"{name} {lock[f'node_modules/{name}']['version']}"
        for name in (*NODE_PACKAGES, *DATABASE_PACKAGES)
    ]
    python = [f"{name} {version(name)}" for name in PYTHON_PACKAGES]
    return [
        ("Node", f"{node.stdout.strip()}: {', '.join(packages)}"),
        ("Python packages", ", ".join(python)),
    ]
