"""The files in deploy/ fit each other and the app; the running parts are in tests/e2e."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped]

from cnnviz.classroom.database import DATABASE_VARIABLE

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"


def test_nginx_leads_to_the_processes_that_compose_starts() -> None:
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))["services"]
    started = {
        f"{name}:{service['command'][1]}"
        for name, service in services.items()
        if service.get("command", [""])[0] == "--server.port"
    }
    settings = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    assert len(started) == 2
    assert set(re.findall(r"server (\w+:\d+)", settings)) == started
    assert set(re.findall(r'"~:(\d+)\$"', settings)) == {one.split(":")[1] for one in started}
    for name in ("web1", "web2"):
        assert DATABASE_VARIABLE in services[name]["environment"]
        build = services[name]["build"]
        assert (DEPLOY / build["context"] / build["dockerfile"]).is_file()


def test_an_upload_that_the_app_takes_is_taken_by_nginx() -> None:
    settings = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    own = (ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8")
    (most,) = re.findall(r"client_max_body_size (\d+)m;", settings)
    (taken,) = re.findall(r"maxUploadSize = (\d+)", own)
    assert int(most) > int(taken)


def test_the_image_has_the_driver_that_is_tested() -> None:
    (pin,) = re.findall(r'"(psycopg\[binary\]==[\d.]+)"', (DEPLOY / "Dockerfile").read_text())
    assert pin in (ROOT / "requirements-dev.txt").read_text(encoding="utf-8").split()


def test_docker_understands_the_compose_file() -> None:
    if shutil.which("docker") is None:
        pytest.skip("There is no docker here.")
    compose = ["docker", "compose", "-f", str(DEPLOY / "compose.yaml")]
    if subprocess.run([*compose, "version"], capture_output=True, check=False).returncode != 0:
        pytest.skip("There is no docker compose here.")
    subprocess.run(
        [*compose, "config", "--quiet"],
        check=True,
        env={"POSTGRES_PASSWORD": "x", "PATH": "/usr/bin:/usr/local/bin"},
    )
