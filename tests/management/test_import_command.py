"""The command `import_products`: its lines, summary and exit code."""

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
    """An output that claims to be a terminal, for the progress bar."""

    def isatty(self) -> bool:
        return True


def import_products(*paths: Path, **options: object) -> list[str]:
    """Return the printed lines of the command."""
    out = StringIO()
    call_command("import_products", *map(str, paths), stdout=out, **options)
    return out.getvalue().splitlines()


def failure_of(*paths: Path) -> tuple[list[str], CommandError]:
    """Return the printed lines of a command that fails, and its error message."""
    out = StringIO()
    with pytest.raises(CommandError) as caught:
        call_command("import_products", *map(str, paths), stdout=out)
    return out.getvalue().splitlines(), caught.value


@pytest.fixture
def acme(tmp_path: Path) -> Path:
    return write(tmp_path / "acme.md", cycle("1.0", latest="1.0.1"))


def test_output_lists_changed_products_and_a_summary(acme: Path) -> None:
    """The exit code is 0 without errors."""
    assert import_products(acme) == [
        "acme: created",
        "1 file: 1 created, 0 updated, 0 kept in part, 0 unchanged, 0 left alone, 0 failed.",
    ]


def test_second_run_counts_unchanged_products(acme: Path) -> None:
    """Their names are printed with higher verbosity."""
    import_products(acme)
    summary = "1 file: 0 created, 0 updated, 0 kept in part, 1 unchanged, 0 left alone, 0 failed."
    assert import_products(acme) == [summary]
    assert import_products(acme, verbosity=2) == ["acme: unchanged", summary]


def test_output_lists_changes_and_local_edits(acme: Path) -> None:
    import_products(acme)
    Product.objects.update(label="Our Acme")
    write(acme, cycle("1.0", latest="1.0.2"), title="ACME", category="os")
    assert import_products(acme) == [
        "acme: updated (category, latest of 1.0)",
        "acme: local edits kept: label",
        "1 file: 0 created, 1 updated, 1 kept in part, 0 unchanged, 0 left alone, 0 failed.",
    ]


def test_output_lists_skipped_products(acme: Path) -> None:
    """The reason is given, and it is no failure."""
    make_product("acme")
    assert import_products(acme) == [
        "acme: left alone, a product of this name was made here",
        "1 file: 0 created, 0 updated, 0 kept in part, 0 unchanged, 1 left alone, 0 failed.",
    ]


def test_exit_code_1_for_an_invalid_file(acme: Path) -> None:
    """The problem has line, field and reason. All other files are imported."""
    bad = write(acme.with_name("bad.md"), cycle(), permalink="/bad", category=3)
    lines, error = failure_of(acme.parent)
    assert lines == [
        "acme: created",
        f"{bad}: line 4: category: Expected a text, found the number 3; put it in quotes.",
        "2 files: 1 created, 0 updated, 0 kept in part, 0 unchanged, 0 left alone, 1 failed.",
    ]
    assert (str(error), error.returncode) == (FAILED, 1)


def test_warning_is_no_failure(acme: Path) -> None:
    """It is printed like a problem."""
    write(acme, cycle("1.0"), releaseLabel="{{ x | replace }}")
    warning, created, _ = import_products(acme)
    assert warning.startswith(f"{acme}: warning: line 4: releaseLabel: ")
    assert created == "acme: created"


def test_missing_path_stops_the_import(acme: Path) -> None:
    """Nothing is imported, and the error names the path."""
    lines, error = failure_of(acme, acme.parent / "nowhere")
    assert lines == []
    assert str(error) == f"There is no file or folder {acme.parent / 'nowhere'}."
    assert error.returncode == 1
    assert not Product.objects.exists()


def test_dry_run_prints_the_planned_changes(acme: Path) -> None:
    """The summary states that nothing was written."""
    assert import_products(acme, dry_run=True) == [
        "acme: created",
        "1 file: 1 created, 0 updated, 0 kept in part, 0 unchanged, 0 left alone, 0 failed."
        " Nothing was written (dry run).",
    ]
    assert not Product.objects.exists()


def test_empty_folder_is_no_failure(tmp_path: Path) -> None:
    assert import_products(tmp_path)[-1].startswith("0 files: 0 created")


def test_default_is_the_bundled_catalogue() -> None:
    """Deployments need no path."""
    lines = import_products()
    count = len(list(BUNDLED.glob("*.md")))
    summary, notes, *rules = lines[count:]
    assert summary.startswith(f"{count} files")
    assert notes.startswith("django: upgrade notes imported: ")
    assert all(": upgrade rule imported: rule_kind" in line for line in rules)
    assert Product.objects.get(name="django").source == "bundled"


def test_progress_bar_needs_a_terminal(acme: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Logs contain only lines."""
    import_products(acme)
    assert capsys.readouterr().err == ""


def test_progress_bar_counts_products_and_disappears(
    acme: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    import_products(acme)
    assert "0/1 [" in terminal.getvalue()
    assert terminal.getvalue().endswith(" \r")
