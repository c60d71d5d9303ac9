"""Product files: what is read, in today's and the older vocabulary, and all the real ones."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from releases.domain.lifecycle.milestones import format_milestone
from releases.domain.lifecycle.versions import ReleaseKind
from releases.domain.roadmap.columns import Column, Display
from releases.formats.product_files.parser import decode, read_product
from releases.formats.product_files.records import (
    CustomFieldRecord,
    CycleRecord,
    IdentifierRecord,
    ProductRecord,
    ReleaseRecord,
)
from tests.conftest import CATALOGUE, SHARED
from tests.formats.product_files.acme import CYCLES, FULL, HEAD, read, read_cycle, refused
from tests.lives import life as make_life

# ---- what is read ------------------------------------------------------------------------------


def test_product_is_read() -> None:
    """Every key of the format fills its field."""
    product = read_product(FULL, "acme-file")
    assert product == ProductRecord(
        name="acme",
        label="Acme",
        file_name="acme-file",
        category="framework",
        tags=("web", "acme-corp"),
        aliases=("acme-framework", "acme2"),
        identifiers=(
            IdentifierRecord("purl", "pkg:generic/acme"),
            IdentifierRecord("cpe", "cpe:2.3:a:acme:acme"),
            IdentifierRecord("repology", "acme"),
        ),
        custom_fields=(
            CustomFieldRecord(
                "java", Display.AFTER_RELEASE, "Java", "The oldest Java.", "https://acme.test/java"
            ),
            CustomFieldRecord("notes"),
        ),
        columns={
            "release": Column(True),
            "eoas": Column(True),
            "eol": Column(True, "Bug fixes"),
            "eoes": Column(False),
            "discontinued": Column(False),
            "latest": Column(False),
        },
        added_on=date(2024, 5, 6),
        checked_on=date(2026, 11, 20),
        icon="acme",
        version_command="acme --version",
        policy_link="https://acme.test/policy",
        policy_image="https://acme.test/policy.svg",
        cycle_label="Acme __RELEASE_CYCLE__",
        lts_label="<abbr title='Long'>L</abbr>",
        changelog_template=(
            "https://acme.test/__RELEASE_CYCLE__/{{\"__LATEST__\" | replace:'.','-'}}"
        ),
        stale_days=700,
        featured=3,
        patches_only_fix=True,
        description="\n# About Acme\n",
        cycles=product.cycles,
    )
    assert product.warnings == ()


def test_cycle_is_read() -> None:
    """Every key of a cycle fills its field; unquoted values of custom fields become texts."""
    cycle, _ = read_product(FULL).cycles
    assert cycle == CycleRecord(
        name="2.0",
        life=make_life(
            release="2025-04-02",
            lts="2025-10-01",
            eoas="2026-12",
            eol="2028-Q2",
            eoes="no",
            discontinued="yes",
        ),
        codename="Zwei",
        label="__RELEASE_CYCLE__ '__CODENAME__'",
        latest="2.0.7",
        latest_date=date(2026, 11, 3),
        link="https://acme.test/two",
        stale_days=30,
        custom={"java": "17", "notes": "true"},
        releases=cycle.releases,
    )


def test_releases_are_read() -> None:
    """The releases of a cycle have their kind, and a date with precision where there is one."""
    assert [
        (release.version, release.kind, str(release.date))
        for release in read_product(FULL).cycles[0].releases
    ] == [
        ("2.0.7", ReleaseKind.PATCH, "3 Nov 2026"),
        ("2.0.8", ReleaseKind.SECURITY, "Jan 2027"),
        ("2.0.9", ReleaseKind.PATCH, "None"),
    ]
    assert read_product(FULL).cycles[0].releases[2] == ReleaseRecord("2.0.9", ReleaseKind.PATCH)


def test_no_link_is_not_the_same_as_none_given() -> None:
    """`link: null` says that there is no link; a missing one leaves it to the template."""
    assert [cycle.no_link for cycle in read_product(FULL).cycles] == [False, True]
    assert not read_cycle("eol: true").no_link


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("title", "title: Acme"),
        ("customFields[1].name", "- name: notes"),
        ("releases[0].eol", "eol: 2028-04-30"),
        ("releases[0].precision.eol", "precision: {eoas: month, eol: quarter}"),
        ("releases[0].releases[2].version", '- {version: "2.0.9", kind: patch}'),
        ("releases[1]", '- releaseCycle: "1.0"'),
    ],
)
def test_lines_of_fields_are_kept(path: str, line: str) -> None:
    """Each field has the line in which it stands, for messages that come later."""
    number = read_product(FULL).lines[path]
    assert FULL.splitlines()[number - 1].strip() == line


def test_least_product() -> None:
    """A title and a list of cycles are enough: the address is then that of the file."""
    product = read("title: Acme\nreleases: []", file_name="Acme")
    assert (product.name, product.label, product.cycles) == ("acme", "Acme", ())
    assert (product.category, product.tags, product.featured) == ("", (), None)


def test_address_wins_over_file_name() -> None:
    """A file's name may differ from the address of its product, and both are kept."""
    product = read(HEAD + "releases: []", file_name="acme-corp-product")
    assert (product.name, product.file_name) == ("acme", "acme-corp-product")


def test_file_order_is_kept() -> None:
    """Cycles stay in the order of the file, whatever their names and dates say."""
    cycles = "".join(f"  - releaseCycle: '{name}'\n" for name in ("2.9", "2.10", "1.0", "+", "a_b"))
    product = read(f"{HEAD}releases:\n{cycles}")
    assert [cycle.name for cycle in product.cycles] == ["2.9", "2.10", "1.0", "+", "a_b"]


@pytest.mark.parametrize(
    ("keys", "shown"),
    [
        ("", "release eol latest"),
        ("eoesColumn: ~", "release eol latest"),
        ("releaseDateColumn: false\neolColumn: false\nlatestColumn: false", ""),
        (
            "eoasColumn: true\ndiscontinuedColumn: Sold until",
            "release eoas eol discontinued latest",
        ),
        ("eoesColumn: Extended", "release eol eoes latest"),
    ],
)
def test_shown_columns(keys: str, shown: str) -> None:
    """A column is shown, hidden or renamed; without a word on it, the usual ones are shown."""
    columns = read(f"{HEAD}{keys}\nreleases: []").columns
    assert [name for name, column in columns.items() if column.shown] == shown.split()


@pytest.mark.parametrize(
    "tags", ["web  acme", "[web, acme]", "[web, acme, web]", "\n- web\n- acme"]
)
def test_tags_are_words_or_a_list(tags: str) -> None:
    """Tags are separated by space, or a list; each counts once."""
    assert read(f"{HEAD}tags: {tags}\nreleases: []").tags == ("web", "acme")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2028-04-30", "2028-04-30"),
        ("true", "yes"),
        ("false", "no"),
        ("no", "no"),
        ("null", ""),
        ("", ""),
    ],
)
def test_milestone_is_a_date_or_a_fact(text: str, value: str) -> None:
    """A milestone is a date, true, false, or nothing."""
    assert format_milestone(read_cycle(f"eol: {text}").life.eol) == value


@pytest.mark.parametrize(
    ("precision", "value"),
    [("day", "2028-05-06"), ("month", "2028-05"), ("quarter", "2028-Q2"), ("year", "2028")],
)
def test_precision(precision: str, value: str) -> None:
    """The own key `precision` says how exactly a milestone's date is known."""
    life = read_cycle(f"eol: 2028-05-06\nprecision: {{eol: {precision}}}").life
    assert format_milestone(life.eol) == value


def test_custom_value_may_be_a_date() -> None:
    """A YAML date in a custom field becomes its text; what is null has no value."""
    fields = "customFields:\n  - name: a\n  - name: b\n  - name: c\n"
    (cycle,) = read(f"{HEAD}{fields}{CYCLES}    a: 2028-04-30\n    b: ~\n    d: x").cycles
    assert cycle.custom == {"a": "2028-04-30"}


def test_unknown_keys_are_ignored() -> None:
    """Keys of other readers of the format, and typing errors of it, are no reason to refuse."""
    keys = "alternative_urls:\n  - /x\nauto: {methods: [{git: x}]}\nlayout: post\n"
    product = read(f"{HEAD}{keys}{CYCLES}    outOfOrder: true")
    assert (product.aliases, product.warnings) == ((), ())


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: "\ufeff" + text,
        lambda text: "\ufeff" + text.replace("\n", "\r\n"),
    ],
    ids=["CRLF", "BOM", "both"],
)
def test_files_of_other_systems(change: Callable[[str], str]) -> None:
    """Windows' line ends and byte order mark change nothing, the lines included."""
    product = read_product(decode(change(FULL).encode()))
    assert product == read_product(FULL)
    assert product.lines == read_product(FULL).lines


def test_fence_inside_the_front_matter() -> None:
    """Dashes within the front matter do not end it, and the body is not YAML."""
    product = read(f"{HEAD}versionCommand: |\n  ---\n  x\n# ---\n{CYCLES}", body="a: [\n---\n")
    assert (product.version_command, product.description) == ("---\nx\n", "a: [\n---\n")


# ---- the older vocabulary ----------------------------------------------------------------------


def test_older_vocabulary() -> None:
    """The names of 2021 are read as today's."""
    product = read(
        f"{HEAD}link: https://acme.test/\nreleaseImage: https://acme.test/x.png\n"
        "command: acme -v\nactiveSupportColumn: Bugs\nextendedSupportColumn: true\n"
        "releaseColumn: false\nreleases: []"
    )
    assert product.policy_link == "https://acme.test/"
    assert product.policy_image == "https://acme.test/x.png"
    assert product.version_command == "acme -v"
    assert product.columns["eoas"] == Column(True, "Bugs")
    assert product.columns["eoes"] == Column(True)
    assert product.columns["latest"] == Column(False)


@pytest.mark.parametrize(
    ("text", "eoas", "eoes"),
    [
        ("support: 2027-01-01\nextendedSupport: 2029-01-01", "2027-01-01", "2029-01-01"),
        ("support: true\nextendedSupport: true", "no", "no"),
        ("support: false\nextendedSupport: false", "yes", "yes"),
        ("support: ~", "", ""),
        ("support: true\neoas: true", "yes", ""),
        ("support: true\neoas: ~", "", ""),
    ],
)
def test_older_support(text: str, eoas: str, eoes: str) -> None:
    """`support: true` meant that it has not ended; where there is a new name, that counts."""
    life = read_cycle(text).life
    assert (format_milestone(life.eoas), format_milestone(life.eoes)) == (eoas, eoes)


def test_older_name_stands_in_the_problem() -> None:
    """A problem names the field as the file does."""
    text = (
        "title: x\nlink: ftp://x\ncommand: 5\nactiveSupportColumn: 5\nreleases:\n"
        "  - {releaseCycle: '1', releaseDate: 2027-01-01, support: 2026-01-01}\n"
        "  - {releaseCycle: '2', support: soon}"
    )
    assert refused(lambda: read(text)) == [
        "line 3: link: “ftp://x” is not a web address (https://...).",
        "line 4: command: Expected a text, found the number 5; put it in quotes.",
        "line 5: activeSupportColumn: Expected a text, found the number 5; put it in quotes.",
        "line 7: releases[0].support: The end of active support (1 Jan 2026) is before the release"
        " (1 Jan 2027).",
        "line 8: releases[1].support: Expected a date such as 2028-04-30 (without quotes), true or"
        " false, found the text “soon”.",
    ]


NAMES_OF_2021 = ["3.2", "3.1", "3.0", "2.2", "2.1", "2.0", "1.11"]


@pytest.mark.catalogue
def test_django_of_2021() -> None:
    """A file of 2021 is read: seven cycles, without release dates, and none of its dates lost."""
    text = decode((SHARED / "references" / "django-2021.md").read_bytes())
    product = read_product(text, "django")
    cycle = product.cycles[0]
    assert [cycle.name for cycle in product.cycles] == NAMES_OF_2021
    assert cycle.life == make_life(eoas="2021-12-01", eol="2024-04-01", lts="yes")
    assert product.version_command.startswith("python -c")
    assert product.policy_link == "https://www.djangoproject.com/download/#supported-versions"
    assert product.columns["eoas"] == Column(True)
    assert product.warnings == ()


# ---- the sixty files ---------------------------------------------------------------------------

FILES = sorted((CATALOGUE / "products").glob("*.md"))


@pytest.mark.catalogue
def test_there_are_sixty_files() -> None:
    """The catalogue has its sixty files."""
    assert len(FILES) == 60


@pytest.mark.catalogue
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_real_file_is_read(file: Path) -> None:
    """Each real product file is read without a problem; only a stray quote is remarked on."""
    product = read_product(decode(file.read_bytes()), file.stem)
    assert product.cycles
    remarked = [warning.path for warning in product.warnings]
    assert remarked == (["changelogTemplate"] if file.stem == "visual-cobol" else [])
