"""The import of upgrade notes, which keeps local edits."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import call_command

from releases.models import Product, Source, UpgradeNote
from releases.services.imports.bundled import BundledOutcome
from releases.services.imports.upgrade_notes import import_upgrade_notes
from tests.factories import make_note, make_product

pytestmark = pytest.mark.django_db

FILE = """---
notes:
  - {key: one, title: First, text: "Some *text*."}
  - {key: two, title: Second, from: "1.0", to: "2.0", severity: warning}
---
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, FILE)
    return tmp_path


@pytest.fixture
def django() -> Product:
    return make_product(source=Source.BUNDLED)


def write(folder: Path, text: str) -> None:
    (folder / "django.md").write_text(text, encoding="utf-8")


def run(folder: Path, *, dry_run: bool = False) -> BundledOutcome:
    (outcome,) = import_upgrade_notes(folder, dry_run=dry_run)
    return outcome


def notes() -> dict[str, str]:
    return {note.key: note.title for note in UpgradeNote.objects.all()}


def test_notes_are_imported_once(django: Product, folder: Path) -> None:
    """They keep the order of the file, and the history records the reason."""
    assert run(folder).changed == ["one", "two"]
    two = UpgradeNote.objects.get(key="two")
    assert (two.from_cycle, two.to_cycle, two.severity) == ("1.0", "2.0", "warning")
    assert [note.key for note in django.upgrade_notes.all()] == ["one", "two"]
    assert two.history.get().history_change_reason == "import of upgrade notes"
    outcome = run(folder)
    assert (outcome.changed, outcome.local_edits) == ([], [])
    assert UpgradeNote.history.count() == 2


def test_unedited_values_follow_the_file(django: Product, folder: Path) -> None:
    run(folder)
    write(folder, FILE.replace("First", "Foremost"))
    assert run(folder).changed == ["one"]
    assert notes() == {"one": "Foremost", "two": "Second"}


def test_local_edit_stays_and_is_reported_again(django: Product, folder: Path) -> None:
    """The other values of the note follow the file."""
    run(folder)
    UpgradeNote.objects.filter(key="one").update(title="Ours")
    write(folder, FILE.replace("First", "Foremost").replace("Some", "More"))
    for changed in (["one"], []):
        outcome = run(folder)
        assert (outcome.changed, outcome.local_edits) == (changed, ["one"])
    one = UpgradeNote.objects.get(key="one")
    assert (one.title, one.text) == ("Ours", "More *text*.")


def test_saving_a_form_unchanged_is_no_edit(django: Product, folder: Path) -> None:
    """Browsers send other line endings."""
    write(folder, FILE.replace('"Some *text*."', '"One.\\n\\nTwo."'))
    run(folder)
    UpgradeNote.objects.filter(key="one").update(text="One.\r\n\r\nTwo.")
    assert run(folder).local_edits == []


def test_note_deleted_here_stays_deleted(django: Product, folder: Path) -> None:
    run(folder)
    UpgradeNote.objects.get(key="one").delete()
    outcome = run(folder)
    assert (outcome.changed, outcome.local_edits) == ([], ["one"])
    assert notes() == {"two": "Second"}


def test_note_created_here_stays(django: Product, folder: Path) -> None:
    """A note of the file with the same key is skipped."""
    make_note(django, "one", title="Ours")
    make_note(django, "ours")
    assert run(folder).local_edits == ["one"]
    assert notes() == {"one": "Ours", "ours": "ours", "two": "Second"}


def test_product_created_here_gets_no_notes(folder: Path) -> None:
    make_product()
    assert list(import_upgrade_notes(folder)) == []


def test_notes_of_a_missing_product_are_skipped(folder: Path) -> None:
    assert list(import_upgrade_notes(folder)) == []


def test_product_of_another_source_gets_notes(folder: Path) -> None:
    """Notes are about the software, independent of the source of its dates."""
    make_product(source=Source.FILE)
    assert run(folder).changed == ["one", "two"]


def test_dry_run_writes_nothing(django: Product, folder: Path) -> None:
    assert run(folder, dry_run=True).changed == ["one", "two"]
    assert notes() == {}


def test_unreadable_file_is_reported(django: Product, folder: Path) -> None:
    """Existing notes stay."""
    run(folder)
    write(folder, FILE.replace("title: First", "title: 1"))
    assert [problem.line for problem in run(folder).problems] == [3, 3]
    assert len(notes()) == 2


def test_deployment_imports_notes(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("import_products")
    assert "django: upgrade notes imported: safety-net" in capsys.readouterr().out
    assert UpgradeNote.objects.filter(product__name="django", key="python-3").exists()
    call_command("import_products")
    assert "notes" not in capsys.readouterr().out
