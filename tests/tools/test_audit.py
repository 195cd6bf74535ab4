"""The audit of dependencies distinguishes findings from what it could not ask."""

import json

import pytest

from core.settings import HOME
from tools.audit import (
    FINDINGS,
    NPM_FOLDERS,
    PYTHON_LOCKS,
    UNREACHABLE,
    Audit,
    read_npm_audit,
    read_pip_audit,
)

SOUND = {"name": "werkzeug", "version": "3.1.9", "vulns": []}
SKIPPED = {"name": "redis", "skip_reason": "Dependency not found on PyPI"}
VULNERABLE = {
    "name": "pillow",
    "version": "9.0.0",
    "vulns": [{"id": "PYSEC-2022-10", "fix_versions": ["9.0.1"], "aliases": []}],
}


@pytest.mark.parametrize(
    ("dependencies", "status"),
    [
        ([SOUND], 0),
        ([SOUND, SKIPPED], UNREACHABLE),
        ([SOUND, VULNERABLE], FINDINGS),
        ([SKIPPED, VULNERABLE], FINDINGS),
    ],
)
def test_pip_audit(dependencies: list[dict[str, object]], status: int) -> None:
    audit = Audit()
    read_pip_audit(audit, "requirements.lock", json.dumps({"dependencies": dependencies}))
    assert audit.status == status


def test_pip_audit_finding_names_the_version_to_install() -> None:
    audit = Audit()
    read_pip_audit(audit, "requirements.lock", json.dumps({"dependencies": [VULNERABLE]}))
    assert audit.findings == ["requirements.lock: pillow 9.0.0: PYSEC-2022-10, fixed in 9.0.1"]


@pytest.mark.parametrize(
    ("output", "status"),
    [
        ('{"auditReportVersion": 2, "vulnerabilities": {}}', 0),
        (
            '{"vulnerabilities": {"ws": {"range": "<8.17.1", "severity": "high"}}}',
            FINDINGS,
        ),
        ('{"message": "405 Method Not Allowed"}', UNREACHABLE),
        ("", UNREACHABLE),
    ],
)
def test_npm_audit(output: str, status: int) -> None:
    audit = Audit()
    read_npm_audit(audit, "tests/node", output)
    assert audit.status == status


def test_no_answer_is_not_taken_for_no_findings() -> None:
    audit = Audit()
    read_pip_audit(audit, "requirements.lock", "")
    assert audit.status == UNREACHABLE


def names(lock: str) -> set[str]:
    lines = (HOME / lock).read_text().splitlines()
    return {line.partition("==")[0] for line in lines if line[:1].isalnum()}


def test_every_lock_file_is_audited() -> None:
    audited = set[str]().union(*map(names, PYTHON_LOCKS))
    for lock in HOME.glob("requirements*.lock"):
        assert names(lock.name) <= audited, lock.name
    locks = [path for path in HOME.rglob("package-lock.json") if "node_modules" not in path.parts]
    assert {str(path.parent.relative_to(HOME)) for path in locks} == set(NPM_FOLDERS)
