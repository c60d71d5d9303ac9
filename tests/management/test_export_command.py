"""`manage.py export_products`: its lines, its summary, its exit code."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.factories import make_cycle, make_product

pytestmark = pytest.mark.django_db


def export(folder: Path, **options: object) -> list[str]:
    """The lines that the command prints."""
    out = StringIO()
    call_command("export_products", str(folder), stdout=out, **options)
    return out.getvalue().splitlines()


def test_it_says_what_it_did(tmp_path: Path) -> None:
    """One line, if all is well."""
    make_product("acme")
    make_product("zed")
    assert export(tmp_path) == ["2 written, 0 unchanged, 0 failed."]
    assert export(tmp_path, product=["zed"]) == ["0 written, 1 unchanged, 0 failed."]


@pytest.mark.parametrize("form", ["json", "csv"])
def test_other_forms_are_one_file(tmp_path: Path, form: str) -> None:
    """For other programs."""
    make_product("acme")
    assert export(tmp_path, format=form) == ["1 written, 0 unchanged, 0 failed."]
    assert [path.name for path in tmp_path.iterdir()] == [f"catalogue.{form}"]


def test_a_file_of_somebody_else_makes_the_exit_code_1(tmp_path: Path) -> None:
    """It is named; the others are written."""
    make_product("acme")
    make_product("zed")
    (tmp_path / "acme.md").write_text("notes")
    out = StringIO()
    with pytest.raises(CommandError, match="Some files could not be written") as caught:
        call_command("export_products", str(tmp_path), stdout=out)
    assert caught.value.returncode == 1
    assert out.getvalue().splitlines() == [
        f"{tmp_path / 'acme.md'}: There is another file of this name; it was not overwritten.",
        "1 written, 0 unchanged, 1 failed.",
    ]


def test_a_warning_is_no_failure(tmp_path: Path) -> None:
    """It says what an import would."""
    make_cycle(make_product("acme", cycle_label="{{ x | nonsense }}"), "1.0")
    warning, summary = export(tmp_path)
    assert warning.startswith(f"{tmp_path / 'acme.md'}: warning: line 4: releaseLabel: ")
    assert summary == "1 written, 0 unchanged, 0 failed."


def test_an_unknown_product_stops_it_at_once(tmp_path: Path) -> None:
    """It is named."""
    with pytest.raises(CommandError, match="There is no product nix here"):
        export(tmp_path, product=["nix"])


def test_a_folder_that_is_a_file_stops_it_at_once(tmp_path: Path) -> None:
    """It is named."""
    make_product("acme")
    (tmp_path / "file").write_text("")
    with pytest.raises(CommandError, match=r"There can be no folder .*file: File exists"):
        export(tmp_path / "file")
