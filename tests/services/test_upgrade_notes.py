"""Notes on upgrades come with the project, and leave alone what was edited here."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import call_command

from releases.models import Product, Source, UpgradeNote
from releases.services.imports.upgrade_notes import NotesOutcome, import_upgrade_notes
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


def run(folder: Path, *, dry_run: bool = False) -> NotesOutcome:
    (outcome,) = import_upgrade_notes(folder, dry_run=dry_run)
    return outcome


def notes() -> dict[str, str]:
    return {note.key: note.title for note in UpgradeNote.objects.all()}


def test_notes_are_brought_in_once(django: Product, folder: Path) -> None:
    """In the order of the file, with what the history says of it."""
    assert run(folder).changed == ["one", "two"]
    two = UpgradeNote.objects.get(key="two")
    assert (two.from_cycle, two.to_cycle, two.severity) == ("1.0", "2.0", "warning")
    assert [note.key for note in django.upgrade_notes.all()] == ["one", "two"]
    assert two.history.get().history_change_reason == "import of upgrade notes"
    outcome = run(folder)
    assert (outcome.changed, outcome.local_edits) == ([], [])
    assert UpgradeNote.history.count() == 2


def test_what_nobody_edited_follows_the_file(django: Product, folder: Path) -> None:
    run(folder)
    write(folder, FILE.replace("First", "Foremost"))
    assert run(folder).changed == ["one"]
    assert notes() == {"one": "Foremost", "two": "Second"}


def test_what_was_edited_here_stays(django: Product, folder: Path) -> None:
    """And the rest of the same note follows the file; the next import says so again."""
    run(folder)
    UpgradeNote.objects.filter(key="one").update(title="Ours")
    write(folder, FILE.replace("First", "Foremost").replace("Some", "More"))
    for changed in (["one"], []):
        outcome = run(folder)
        assert (outcome.changed, outcome.local_edits) == (changed, ["one"])
    one = UpgradeNote.objects.get(key="one")
    assert (one.title, one.text) == ("Ours", "More *text*.")


def test_saving_a_form_unchanged_is_no_edit(django: Product, folder: Path) -> None:
    """A form gives line ends as browsers have them."""
    write(folder, FILE.replace('"Some *text*."', '"One.\\n\\nTwo."'))
    run(folder)
    UpgradeNote.objects.filter(key="one").update(text="One.\r\n\r\nTwo.")
    assert run(folder).local_edits == []


def test_what_was_deleted_here_stays_deleted(django: Product, folder: Path) -> None:
    run(folder)
    UpgradeNote.objects.get(key="one").delete()
    outcome = run(folder)
    assert (outcome.changed, outcome.local_edits) == ([], ["one"])
    assert notes() == {"two": "Second"}


def test_what_was_made_here_stays(django: Product, folder: Path) -> None:
    """Even where the file has a note of the same key."""
    make_note(django, "one", title="Ours")
    make_note(django, "ours")
    assert run(folder).local_edits == ["one"]
    assert notes() == {"one": "Ours", "ours": "ours", "two": "Second"}


def test_a_product_made_here_is_left_alone(folder: Path) -> None:
    make_product()
    assert list(import_upgrade_notes(folder)) == []


def test_a_product_that_is_not_here_has_none(folder: Path) -> None:
    assert list(import_upgrade_notes(folder)) == []


def test_a_product_of_another_source_has_them(folder: Path) -> None:
    """They are about the software, whoever tells its dates."""
    make_product(source=Source.FILE)
    assert run(folder).changed == ["one", "two"]


def test_a_dry_run_writes_nothing(django: Product, folder: Path) -> None:
    assert run(folder, dry_run=True).changed == ["one", "two"]
    assert notes() == {}


def test_a_file_that_cannot_be_read(django: Product, folder: Path) -> None:
    """It is reported, and what is here stays."""
    run(folder)
    write(folder, FILE.replace("title: First", "title: 1"))
    assert [problem.line for problem in run(folder).problems] == [3, 3]
    assert len(notes()) == 2


def test_a_deployment_brings_them_in(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("import_products")
    assert "django: upgrade notes imported: safety-net" in capsys.readouterr().out
    assert UpgradeNote.objects.filter(product__name="django", key="python-3").exists()
    call_command("import_products")
    assert "notes" not in capsys.readouterr().out
