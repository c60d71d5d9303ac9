"""The files that Heroku reads before it runs anything: app.json, runtime.txt and Procfile."""

import json
import re
from typing import Any

import pytest

from tests.deploy.servers import PROCESSES, ROOT

NAME_LIMIT = 30
"""Maximum length of the name in app.json."""


@pytest.fixture(scope="module")
def app() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((ROOT / "app.json").read_text())
    return loaded


def test_app_json_has_only_known_fields(app: dict[str, Any]) -> None:
    assert set(app) <= {
        *("name", "description", "keywords", "success_url", "buildpacks", "addons", "env"),
        *("formation", "scripts", "stack", "website", "repository", "logo", "environments"),
    }
    assert app["name"]
    assert len(app["name"]) <= NAME_LIMIT
    assert app["buildpacks"] == [{"url": "heroku/python"}]


def test_app_json_includes_a_database(app: dict[str, Any]) -> None:
    assert [addon["plan"] for addon in app["addons"]] == ["heroku-postgresql:essential-0"]


def test_secrets_are_generated_and_all_variables_have_values(app: dict[str, Any]) -> None:
    for name, variable in app["env"].items():
        assert variable["description"], name
        secret = variable.get("generator") == "secret"
        assert secret == ("SECRET" in name or "PASSWORD" in name)
        assert secret or isinstance(variable["value"], str), "Heroku wants texts as values"


def test_formation_matches_the_procfile(app: dict[str, Any]) -> None:
    """The worker costs money, and the scheduler does its work, too."""
    assert set(app["formation"]) == set(PROCESSES) - {"release"} == {"web", "worker"}
    assert app["formation"]["web"] == {"quantity": 1, "size": "basic"}
    assert app["formation"]["worker"] == {"quantity": 0, "size": "basic"}


def test_first_user_is_created_after_the_release(app: dict[str, Any]) -> None:
    assert "createsuperuser --noinput" in app["scripts"]["postdeploy"]


def test_runtime_names_a_minor_version() -> None:
    """Heroku uses the latest patch of python-3.13, but would stay with python-3.13.0."""
    assert re.fullmatch(r"python-3\.\d+\n", (ROOT / "runtime.txt").read_text())
    assert not (ROOT / ".python-version").exists(), "two files could disagree"
