"""The bundled catalogue: complete for Django, consistent with the shared catalogue, own texts."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

from releases.domain.lifecycle.milestones import MILESTONES, format_milestone
from releases.domain.lifecycle.resolver import Resolver
from releases.domain.lifecycle.versions import ReleaseKind, version_key
from releases.domain.upgrade.rules import Basis, matches, read_rule
from releases.formats.product_files.parser import decode, read_product
from releases.formats.product_files.records import CycleRecord, ProductRecord
from releases.formats.product_files.upgrade_notes import read_upgrade_notes
from releases.formats.product_files.upgrade_rules import read_upgrade_rule
from releases.services.imports.import_products import BUNDLED
from releases.services.imports.upgrade_notes import BUNDLED_NOTES
from releases.services.imports.upgrade_rules import BUNDLED_RULES
from tests.conftest import CATALOGUE, ON, SHARED

FILES = sorted(BUNDLED.glob("*.md"))
SHARED_FILES = CATALOGUE / "products"
PYTHONS = {
    "1.0": "2.3 - 2.6",
    "1.1": "2.3 - 2.6",
    "1.2": "2.4 - 2.7",
    "1.3": "2.4 - 2.7",
    "1.5": "2.6 - 2.7, 3.2 - 3.3",
    "1.11": "2.7, 3.4 - 3.7 (added in 1.11.17)",
    "6.1": "3.12 - 3.15 (added in 6.1.3)",
    "6.2": "3.12 - 3.14",
}
"""Values in which the bundled catalogue is more accurate: 1.11 never ran on Python 3.0 to 3.3."""
LTS = {("django", "1.4"): {"lts": "yes"}, ("django", "1.8"): {"lts": "yes"}}
"""Milestones that the shared catalogue lacks."""
DATABASES = ("Postgresql", "Mysql", "Mariadb", "Oracle", "Sqlite")
OWN_COLUMNS = [f"min{name}Version" for name in DATABASES]
OWN_COLUMNS += ["maxMysqlVersion"]
CALENDAR_YEARS = ("2028", "2029", "2030")


@cache
def read(path: Path) -> ProductRecord:
    return read_product(decode(path.read_bytes()), path.stem)


def cycles(path: Path) -> dict[str, CycleRecord]:
    return {cycle.name: cycle for cycle in read(path).cycles}


def django(name: str) -> CycleRecord:
    return cycles(BUNDLED / "django.md")[name]


def dates(cycle: CycleRecord) -> dict[str, str]:
    """Return the milestones of a cycle as texts, without those that do not apply."""
    values = {name: format_milestone(getattr(cycle.lifecycle, name)) for name in MILESTONES}
    return {name: text for name, text in values.items() if text}


def phrases(text: str) -> set[tuple[str, ...]]:
    """Return all runs of eight words."""
    words = re.findall(r"[^\W\d_]+", re.sub(r"https?://\S+", "", text).lower())
    return {tuple(words[start : start + 8]) for start in range(len(words) - 7)}


def texts(record: ProductRecord) -> str:
    """Return the free text of a product file: its body and the descriptions of its columns."""
    return "\n".join([record.description, *(field.description for field in record.custom_fields)])


def file_stem(path: Path) -> str:
    return path.stem


every_file = pytest.mark.parametrize("path", FILES, ids=file_stem)


def test_first_products_are_bundled() -> None:
    """A fresh clone has real products to browse."""
    assert {"django", "python", "postgresql", "ubuntu", "nodejs"} <= {path.stem for path in FILES}


def test_django_is_featured_first() -> None:
    """No two featured products have the same position."""
    featured = [(read(path).featured, path.stem) for path in FILES if read(path).featured]
    assert min(featured)[1] == "django"
    assert len({position for position, _ in featured}) == len(featured)


@every_file
def test_file_is_valid(path: Path) -> None:
    """It has no warnings, the name of its product, a description and a category."""
    record = read(path)
    assert not record.warnings
    assert record.name == path.stem
    assert record.description.strip()
    assert record.category


@every_file
def test_releases_belong_to_their_cycles(path: Path) -> None:
    """Each version resolves to the cycle that lists it; this includes the latest one."""
    resolver = Resolver(read(path).cycles)
    for cycle in read(path).cycles:
        versions = [release.version for release in cycle.releases]
        assert all(resolver.resolve(version, ON).cycle is cycle for version in versions)
        published = [each.version for each in cycle.releases if not each.kind.pre_release]
        if published and cycle.latest:
            assert max(published, key=version_key) == cycle.latest


def test_django_has_every_cycle() -> None:
    """Cycles range from 1.0 to the announced calendar versions, newest first."""
    names = list(cycles(BUNDLED / "django.md"))
    assert names == sorted(names, key=version_key, reverse=True)
    minors = [f"1.{minor}" for minor in range(12)]
    rest = [f"{major}.{minor}" for major in range(2, 7) for minor in range(3)]
    assert names[::-1] == [*minors, *rest, *CALENDAR_YEARS]


@pytest.mark.parametrize(
    ("name", "released"), [("1.0", "2008-09-03"), ("1.1", "2009-07-29"), ("1.2", "2010-05-17")]
)
def test_first_cycles_of_django_ended_on_an_unknown_date(name: str, released: str) -> None:
    assert dates(django(name)) == {"release": released, "eoas": "yes", "eol": "yes"}


def test_django_6_2_is_announced() -> None:
    """It is an LTS, and its dates have month precision."""
    assert dates(django("6.2")) == {
        "release": "2027-04",
        "lts": "yes",
        "eoas": "2027-12",
        "eol": "2030-04",
    }


@pytest.mark.parametrize("name", CALENDAR_YEARS)
def test_calendar_versions_are_announced(name: str) -> None:
    """Each is released in January, with one year of active support and three years of support."""
    year = int(name)
    assert dates(django(name)) == {
        "release": f"{year}-01",
        "eoas": f"{year + 1}-01",
        "eol": f"{year + 3}-01",
    }


def test_django_1_11_supports_python_2() -> None:
    """The Python versions are those of the Django documentation."""
    pythons = django("1.11").custom["supportedPythonVersions"]
    assert pythons == "2.7, 3.4 - 3.7 (added in 1.11.17)"


def test_django_states_its_databases() -> None:
    """Values that are not known are missing, not empty."""
    stated = {name: text for name, text in django("1.11").custom.items() if name in OWN_COLUMNS}
    assert stated == {
        "minPostgresqlVersion": "9.3",
        "minMysqlVersion": "5.5",
        "maxMysqlVersion": "5.7",
        "minOracleVersion": "11.2",
    }
    assert django("5.2").custom["minPostgresqlVersion"] == "14"
    assert "minPostgresqlVersion" not in django("1.0").custom


def test_django_lts_releases() -> None:
    """1.4, 1.8, and the last one of each series from 1.11 to 6.2; no calendar version."""
    marked = [name for name, cycle in cycles(BUNDLED / "django.md").items() if cycle.lifecycle.lts]
    assert marked == ["6.2", "5.2", "4.2", "3.2", "2.2", "1.11", "1.8", "1.4"]


def test_django_lists_releases_of_supported_cycles() -> None:
    """Pre-releases, the final release and every patch have their dates."""
    for name in ("6.1", "6.0", "5.2"):
        releases = {release.version: release for release in django(name).releases}
        assert releases[name].kind is ReleaseKind.FINAL
        assert releases[name].date == django(name).lifecycle.release
        assert {f"{name}{suffix}" for suffix in ("a1", "b1", "rc1")} <= set(releases)
        assert all(release.date for release in releases.values())


@pytest.mark.catalogue
@every_file
def test_facts_match_the_shared_catalogue(path: Path) -> None:
    """It contains all cycles with their dates, and the latest release is not older."""
    theirs = cycles(SHARED_FILES / path.name)
    ours = cycles(path)
    assert [name for name in ours if name in theirs] == list(theirs)
    for name, cycle in theirs.items():
        assert dates(ours[name]) == dates(cycle) | LTS.get((path.stem, name), {}), name
        assert ours[name].codename == cycle.codename
        own = {key: text for key, text in ours[name].custom.items() if key not in OWN_COLUMNS}
        more = {"supportedPythonVersions": PYTHONS[name]} if name in PYTHONS else {}
        assert own == cycle.custom | (more if path.stem == "django" else {})
        assert version_key(ours[name].latest) >= version_key(cycle.latest)


@pytest.mark.catalogue
@every_file
def test_names_match_the_shared_catalogue(path: Path) -> None:
    """It contains its aliases and identifiers."""
    ours, theirs = read(path), read(SHARED_FILES / path.name)
    assert (ours.label, ours.category) == (theirs.label, theirs.category)
    assert set(theirs.aliases) <= set(ours.aliases)
    assert set(theirs.identifiers) <= set(ours.identifiers)


@pytest.mark.catalogue
@every_file
def test_texts_are_original(path: Path) -> None:
    """No eight consecutive words occur in a shared text."""
    others = [*SHARED_FILES.glob("*.md"), *(SHARED / "references").glob("*")]
    own = phrases(texts(read(path)))
    for other in others:
        shared = own & phrases(other.read_text(encoding="utf-8"))
        assert not shared, other.name


NOTES = sorted(BUNDLED_NOTES.glob("*.md"))
every_note = pytest.mark.parametrize("path", NOTES, ids=file_stem)


@every_note
def test_upgrade_notes_belong_to_cycles_of_their_product(path: Path) -> None:
    known = cycles(BUNDLED / path.name)
    for note in read_upgrade_notes(path.read_text(encoding="utf-8")):
        assert note.text
        assert {note.from_cycle, note.to_cycle} - {""} <= known.keys()


def test_django_has_the_notes_of_the_upgrade_guides() -> None:
    notes = read_upgrade_notes((BUNDLED_NOTES / "django.md").read_text(encoding="utf-8"))
    found = {(note.key, note.from_cycle, note.to_cycle) for note in notes}
    assert {each for each in found if not each[0].startswith("changes-")} == {
        ("safety-net", "", ""),
        ("third-party-packages", "", ""),
        ("database", "", ""),
        ("drop-south", "1.6", "1.7"),
        ("fake-initial", "1.7", "1.8"),
        ("python-3", "1.11", "2.0"),
    }


def test_django_has_a_note_for_each_release() -> None:
    """It says what that release removes and changes."""
    notes = read_upgrade_notes((BUNDLED_NOTES / "django.md").read_text(encoding="utf-8"))
    names = sorted(cycles(BUNDLED / "django.md"), key=version_key)
    released = names[: names.index("6.2") + 1]
    assert [
        (note.from_cycle, note.to_cycle) for note in notes if note.key.startswith("changes-")
    ] == list(pairwise(released))


RULES = sorted(BUNDLED_RULES.glob("*.md"))


@pytest.mark.parametrize("path", RULES, ids=file_stem)
def test_upgrade_rule_is_valid(path: Path) -> None:
    """It has a sentence and a guide; a documented one has its source and the day of the check."""
    values = read_upgrade_rule(path.read_text(encoding="utf-8"))
    rule = read_rule(values)
    assert rule.known
    assert rule.summary
    assert rule.guide
    if rule.basis is Basis.DOCUMENTED:
        assert rule.source
        assert rule.checked_on


@pytest.mark.parametrize("path", [path for path in RULES if (BUNDLED / path.name).exists()])
def test_upgrade_rule_names_cycles_of_its_product(path: Path) -> None:
    names = [*cycles(BUNDLED / path.name)]
    rule = read_rule(read_upgrade_rule(path.read_text(encoding="utf-8")))
    patterns = [*rule.ladder, *rule.order, *rule.paths, *(stop.cycle for stop in rule.stops)]
    for pattern in patterns:
        assert any(matches(name, [pattern.removeprefix("!")]) for name in names), pattern


@pytest.mark.catalogue
@every_note
def test_texts_of_notes_are_original(path: Path) -> None:
    """No eight consecutive words occur in a shared text."""
    notes = read_upgrade_notes(path.read_text(encoding="utf-8"))
    own = phrases("\n".join(f"{note.title}\n{note.text}" for note in notes))
    for other in [*SHARED_FILES.glob("*.md"), *(SHARED / "references").glob("*")]:
        assert not own & phrases(other.read_text(encoding="utf-8")), other.name
