"""What Heroku reads before it runs anything: app.json, runtime.txt and the Procfile."""

import json
import re
from typing import Any

import pytest

from tests.deploy.servers import PROCESSES, ROOT

NAME_LIMIT = 30
"""Characters that Heroku takes for the name in app.json."""


@pytest.fixture(scope="module")
def app() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((ROOT / "app.json").read_text())
    return loaded


def test_app_json_has_the_fields_that_heroku_knows(app: dict[str, Any]) -> None:
    assert set(app) <= {
        *("name", "description", "keywords", "success_url", "buildpacks", "addons", "env"),
        *("formation", "scripts", "stack", "website", "repository", "logo", "environments"),
    }
    assert app["name"]
    assert len(app["name"]) <= NAME_LIMIT
    assert app["buildpacks"] == [{"url": "heroku/python"}]


def test_it_comes_with_a_database(app: dict[str, Any]) -> None:
    assert [addon["plan"] for addon in app["addons"]] == ["heroku-postgresql:essential-0"]


def test_secrets_are_generated_and_nothing_has_to_be_filled_in(app: dict[str, Any]) -> None:
    for name, variable in app["env"].items():
        assert variable["description"], name
        secret = variable.get("generator") == "secret"
        assert secret == ("SECRET" in name or "PASSWORD" in name)
        assert secret or isinstance(variable["value"], str), "Heroku wants texts as values"


def test_each_process_of_the_formation_is_in_the_procfile(app: dict[str, Any]) -> None:
    assert set(app["formation"]) == set(PROCESSES) - {"release"} == {"web"}
    assert app["formation"]["web"] == {"quantity": 1, "size": "basic"}


def test_the_first_user_is_made_once_the_release_has_made_the_tables(app: dict[str, Any]) -> None:
    assert "createsuperuser --noinput" in app["scripts"]["postdeploy"]


def test_runtime_names_a_version_that_gets_security_patches() -> None:
    """Heroku takes the newest patch of python-3.13, and would stay with python-3.13.0 for ever."""
    assert re.fullmatch(r"python-3\.\d+\n", (ROOT / "runtime.txt").read_text())
    assert not (ROOT / ".python-version").exists(), "two files could disagree"
