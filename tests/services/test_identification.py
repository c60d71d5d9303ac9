"""Vendors, identifiers and version ranges in product files: import, merge and export."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from releases.models import CycleIdentifier, Identifier, Product, ReleaseCycle
from releases.selectors.history.records import Subject, changes, moments
from releases.services.export_products import product_texts, whole_products
from releases.services.history.plan import plan_revert
from releases.services.history.write import carry_out
from releases.services.imports.values import values_here
from tests.product_files import cycle, import_files, product_text, write

pytestmark = pytest.mark.django_db

PURL, DEB, CPE = "pkg:pypi/acme", "pkg:deb/debian/acme", "cpe:2.3:a:acme:acme"
KEYS: dict[str, Any] = {
    "vendor": "Acme Inc.",
    "vendorLink": "https://acme.test/",
    "identifiers": [{"purl": DEB}, {"purl": PURL}],
    "mainIdentifier": {"purl": PURL},
}
OF_CYCLE: dict[str, Any] = {
    "versionRange": "vers:pypi/>=1.0|<2.0",
    "identifiers": [{"cpe": f"{CPE}:1.0"}],
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = write(tmp_path / "acme.md", cycle("1.0", **OF_CYCLE), **KEYS)
    import_files(path)
    return path


def main() -> str:
    return ", ".join(each.value for each in Identifier.objects.filter(main=True))


def exported() -> str:
    ((_, _, text),) = product_texts(whole_products())
    return text


def data(text: str) -> Any:
    """Return the front matter of a product file."""
    return yaml.safe_load(text.split("---")[1])


def local_edits(path: Path) -> list[str]:
    """Import a file again, with another text below its front matter."""
    path.write_text(f"{path.read_text()}.\n")
    (outcome,) = import_files(path)
    assert not outcome.problems
    return list(outcome.local_edits)


@pytest.mark.usefixtures("path")
def test_values_of_a_file_are_imported() -> None:
    product, row = Product.objects.get(), ReleaseCycle.objects.get()
    assert (product.vendor, product.vendor_link) == ("Acme Inc.", "https://acme.test/")
    assert [each.value for each in product.identifiers.all()] == [DEB, PURL]
    assert main() == PURL
    assert row.versions == "vers:pypi/>=1.0|<2.0"
    assert str(row.identifiers.get()) == f"cpe: {CPE}:1.0"
    assert CycleIdentifier.history.get().history_change_reason == "import of acme.md"


def test_second_import_writes_nothing(path: Path) -> None:
    count = Identifier.history.count(), CycleIdentifier.history.count()
    assert local_edits(path) == []
    assert (Identifier.history.count(), CycleIdentifier.history.count()) == count


def test_local_edits_stay_and_are_listed(path: Path) -> None:
    Product.objects.update(vendor="Acme Ltd.")
    chosen = Identifier.objects.get(value=DEB)
    chosen.main = True
    chosen.save()
    ReleaseCycle.objects.update(versions="vers:pypi/>=1|<2")
    CycleIdentifier.objects.all().delete()
    assert sorted(local_edits(path)) == [
        "identifiers of 1.0",
        "main_identifier",
        "vendor",
        "versions of 1.0",
    ]
    assert (Product.objects.get().vendor, main()) == ("Acme Ltd.", DEB)
    assert ReleaseCycle.objects.get().versions == "vers:pypi/>=1|<2"
    assert not CycleIdentifier.objects.exists()


def test_values_that_nobody_edited_follow_the_file(path: Path) -> None:
    new = KEYS | {"vendor": "Acme SE", "mainIdentifier": {"purl": DEB}}
    of_cycle = {"versionRange": "vers:pypi/>=1.0|<1.9", "identifiers": [{"purl": f"{DEB}1"}]}
    write(path, cycle("1.0", **of_cycle), **new)
    assert local_edits(path) == []
    assert (Product.objects.get().vendor, main()) == ("Acme SE", DEB)
    assert ReleaseCycle.objects.get().vers == "vers:pypi/>=1.0|<1.9"
    assert CycleIdentifier.objects.get().value == f"{DEB}1"
    write(path, cycle("1.0"), **KEYS | {"identifiers": [{"purl": PURL}, {"cpe": CPE}]})
    import_files(path)
    assert (Identifier.objects.count(), main()) == (2, PURL)


def test_file_without_the_keys_changes_nothing(path: Path) -> None:
    """Files of endoflife.date have none of them."""
    write(path, cycle("1.0"), identifiers=KEYS["identifiers"])
    assert local_edits(path) == []
    assert (Product.objects.get().vendor, main()) == ("Acme Inc.", PURL)
    assert ReleaseCycle.objects.get().versions == OF_CYCLE["versionRange"]


def test_export_is_read_as_the_same_values(path: Path) -> None:
    """Also after an edit, and without the file that the product came from."""
    assert data(exported()) == data(path.read_text(encoding="utf-8"))
    Product.objects.update(vendor="", file_text="")
    ReleaseCycle.objects.get().identifiers.create(type="purl", value="pkg:pypi/acme1")
    before = values_here(whole_products().get())
    path.write_text(exported(), encoding="utf-8")
    Product.objects.all().delete()
    Product.history.all().delete()
    import_files(path)
    assert values_here(whole_products().get()) == before


def test_values_that_were_removed_here_leave_the_file(path: Path) -> None:
    Product.objects.update(vendor="", vendor_link="")
    Identifier.objects.update(main=False)
    ReleaseCycle.objects.update(versions="")
    CycleIdentifier.objects.all().delete()
    assert data(exported()) == data(product_text(cycle("1.0"), identifiers=KEYS["identifiers"]))


def test_restored_product_follows_its_file_as_before(path: Path) -> None:
    """The base of the next merge comes from the history."""
    product = Product.objects.get()
    before = product.imported
    subject = Subject(Product, product.pk)
    product.delete()
    change = changes(subject, [moments(subject)[0]])[0]
    carry_out(lambda: plan_revert(subject, change), plan_revert(subject, change).digest, "restored")
    assert Product.objects.get().imported == before
    assert local_edits(path) == []
