"""The command `export_products`: its lines, summary and exit code."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.factories import make_cycle, make_product

pytestmark = pytest.mark.django_db


def export(folder: Path, **options: object) -> list[str]:
    """Return the printed lines of the command."""
    out = StringIO()
    call_command("export_products", str(folder), stdout=out, **options)
    return out.getvalue().splitlines()


def test_success_prints_one_line(tmp_path: Path) -> None:
    make_product("acme")
    make_product("zed")
    assert export(tmp_path) == ["2 written, 0 unchanged, 0 failed."]
    assert export(tmp_path, product=["zed"]) == ["0 written, 1 unchanged, 0 failed."]


@pytest.mark.parametrize("form", ["json", "csv"])
def test_json_and_csv_are_one_file(tmp_path: Path, form: str) -> None:
    make_product("acme")
    assert export(tmp_path, format=form) == ["1 written, 0 unchanged, 0 failed."]
    assert [path.name for path in tmp_path.iterdir()] == [f"catalogue.{form}"]


def test_exit_code_1_for_an_unrelated_file(tmp_path: Path) -> None:
    """It is reported, and all other files are written."""
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


def test_warning_is_no_failure(tmp_path: Path) -> None:
    """It describes the effect on an import."""
    make_cycle(make_product("acme", cycle_label="{{ x | nonsense }}"), "1.0")
    warning, summary = export(tmp_path)
    assert warning.startswith(f"{tmp_path / 'acme.md'}: warning: line 4: releaseLabel: ")
    assert summary == "1 written, 0 unchanged, 0 failed."


def test_unknown_product_stops_the_export(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="There is no product nix here"):
        export(tmp_path, product=["nix"])


def test_file_in_place_of_the_folder_stops_the_export(tmp_path: Path) -> None:
    make_product("acme")
    (tmp_path / "file").write_text("")
    with pytest.raises(CommandError, match=r"There can be no folder .*file: File exists"):
        export(tmp_path / "file")
