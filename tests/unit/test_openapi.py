"""The routes against their own description, with requests that schemathesis thinks up."""

from typing import Any

import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.applications import Starlette
from starlette.testclient import TestClient

from cnnviz.web import api

APP = Starlette(routes=api.routes)
schema = schemathesis.openapi.from_asgi("/api/openapi.json", APP)
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@schema.parametrize()
@settings(
    max_examples=20,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
def test_every_route_answers_as_described(case: Case[Any]) -> None:
    case.call_and_validate(checks=CHECKS)


def test_every_route_is_described() -> None:
    described = set(TestClient(APP).get("/api/openapi.json").json()["paths"])
    assert described == {route.path for route in api.routes} - {"/api/openapi.json"}
