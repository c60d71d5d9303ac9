"""`manage.py import_products`: its lines, its summary, its exit code."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from releases.models import Product
from releases.services.imports.import_products import BUNDLED
from tests.factories import make_product
from tests.product_files import cycle, write

pytestmark = pytest.mark.django_db

FAILED = "Some files could not be imported; the lines above say why."


class Terminal(StringIO):
    """A terminal, as far as a progress bar can tell."""

    def isatty(self) -> bool:
        return True


def import_products(*paths: Path, **options: object) -> list[str]:
    """The lines that the command prints."""
    out = StringIO()
    call_command("import_products", *map(str, paths), stdout=out, **options)
    return out.getvalue().splitlines()


def failing(*paths: Path) -> tuple[list[str], CommandError]:
    """The lines of a command that fails, and how it ends."""
    out = StringIO()
    with pytest.raises(CommandError) as caught:
        call_command("import_products", *map(str, paths), stdout=out)
    return out.getvalue().splitlines(), caught.value


@pytest.fixture
def acme(tmp_path: Path) -> Path:
    return write(tmp_path / "acme.md", cycle("1.0", latest="1.0.1"))


def test_it_says_what_it_did(acme: Path) -> None:
    """A line for each product that it touched, and a summary; no error is exit code 0."""
    assert import_products(acme) == [
        "acme: created",
        "1 file: 1 created, 0 updated, 0 kept in part, 0 unchanged, 0 left alone, 0 failed.",
    ]


def test_a_second_run_says_that_nothing_changed(acme: Path) -> None:
    """Unchanged products are counted; their names come with more verbosity."""
    import_products(acme)
    summary = "1 file: 0 created, 0 updated, 0 kept in part, 1 unchanged, 0 left alone, 0 failed."
    assert import_products(acme) == [summary]
    assert import_products(acme, verbosity=2) == ["acme: unchanged", summary]


def test_it_names_what_changed_and_what_was_kept(acme: Path) -> None:
    """Field by field."""
    import_products(acme)
    Product.objects.update(label="Our Acme")
    write(acme, cycle("1.0", latest="1.0.2"), title="ACME", category="os")
    assert import_products(acme) == [
        "acme: updated (category, latest of 1.0)",
        "acme: local edits kept: label",
        "1 file: 0 created, 1 updated, 1 kept in part, 0 unchanged, 0 left alone, 0 failed.",
    ]


def test_it_says_what_it_left_alone(acme: Path) -> None:
    """And why; that is no failure."""
    make_product("acme")
    assert import_products(acme) == [
        "acme: left alone, a product of this name was made here",
        "1 file: 0 created, 0 updated, 0 kept in part, 0 unchanged, 1 left alone, 0 failed.",
    ]


def test_a_bad_file_makes_the_exit_code_1(acme: Path) -> None:
    """It is named with line, field and reason; the others are imported."""
    bad = write(acme.with_name("bad.md"), cycle(), permalink="/bad", category=3)
    lines, error = failing(acme.parent)
    assert lines == [
        "acme: created",
        f"{bad}: line 4: category: Expected a text, found the number 3; put it in quotes.",
        "2 files: 1 created, 0 updated, 0 kept in part, 0 unchanged, 0 left alone, 1 failed.",
    ]
    assert (str(error), error.returncode) == (FAILED, 1)


def test_a_warning_is_no_failure(acme: Path) -> None:
    """It is named like a problem."""
    write(acme, cycle("1.0"), releaseLabel="{{ x | replace }}")
    warning, created, _ = import_products(acme)
    assert warning.startswith(f"{acme}: warning: line 4: releaseLabel: ")
    assert created == "acme: created"


def test_a_bad_path_stops_it_at_once(acme: Path) -> None:
    """Before anything was imported; the path is named."""
    lines, error = failing(acme, acme.parent / "nowhere")
    assert lines == []
    assert str(error) == f"There is no file or folder {acme.parent / 'nowhere'}."
    assert error.returncode == 1
    assert not Product.objects.exists()


def test_a_dry_run_says_what_would_be_done(acme: Path) -> None:
    """And that it was not."""
    assert import_products(acme, dry_run=True) == [
        "acme: created",
        "1 file: 1 created, 0 updated, 0 kept in part, 0 unchanged, 0 left alone, 0 failed."
        " Nothing was written (dry run).",
    ]
    assert not Product.objects.exists()


def test_an_empty_folder_is_no_failure(tmp_path: Path) -> None:
    """There was nothing to do."""
    assert import_products(tmp_path)[-1].startswith("0 files: 0 created")


def test_without_a_path_it_imports_the_bundled_catalogue() -> None:
    """So that a deployment needs no path."""
    *products, summary, notes = import_products()
    assert len(products) == len(list(BUNDLED.glob("*.md")))
    assert summary.startswith(f"{len(products)} files")
    assert notes.startswith("django: upgrade notes imported: ")
    assert Product.objects.get(name="django").source == "bundled"


def test_no_bar_where_there_is_no_terminal(acme: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Logs get lines only."""
    import_products(acme)
    assert capsys.readouterr().err == ""


def test_a_bar_on_a_terminal(acme: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It counts products, and is gone at the end."""
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    import_products(acme)
    assert "0/1 [" in terminal.getvalue()
    assert terminal.getvalue().endswith(" \r")
