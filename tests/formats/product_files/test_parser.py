"""Product files are parsed, with today's and the older keys, and so are all the real ones."""

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
from tests.lifecycles import make_lifecycle

# ---- parsing -------------------------------------------------------------------------------------


def test_product_is_read() -> None:
    """Every key of a product fills its field."""
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
        main_identifier=IdentifierRecord("cpe", "cpe:2.3:a:acme:acme"),
        vendor="Acme Inc.",
        vendor_link="https://acme.test/",
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
    """Every key of a cycle fills its field. Unquoted values of custom fields become texts."""
    cycle, _ = read_product(FULL).cycles
    assert cycle == CycleRecord(
        name="2.0",
        lifecycle=make_lifecycle(
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
        versions="vers:generic/>=2|<3",
        identifiers=(IdentifierRecord("cpe", "cpe:2.3:a:acme:acme:2"),),
        custom={"java": "17", "notes": "true"},
        releases=cycle.releases,
    )


def test_releases_are_read() -> None:
    """A release has a kind, and a date with its precision if there is one."""
    assert [
        (release.version, release.kind, str(release.date))
        for release in read_product(FULL).cycles[0].releases
    ] == [
        ("2.0.7", ReleaseKind.PATCH, "3 Nov 2026"),
        ("2.0.8", ReleaseKind.SECURITY, "Jan 2027"),
        ("2.0.9", ReleaseKind.PATCH, "None"),
    ]
    assert read_product(FULL).cycles[0].releases[2] == ReleaseRecord("2.0.9", ReleaseKind.PATCH)


def test_null_link_differs_from_a_missing_one() -> None:
    """`link: null` means no link; without the key the template applies."""
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
    """The record has the line of each field for later messages."""
    number = read_product(FULL).lines[path]
    assert FULL.splitlines()[number - 1].strip() == line


def test_smallest_product() -> None:
    """A title and a list of cycles are enough. The product is then named after the file."""
    product = read("title: Acme\nreleases: []", file_name="Acme")
    assert (product.name, product.label, product.cycles) == ("acme", "Acme", ())
    assert (product.category, product.tags, product.featured) == ("", (), None)


def test_permalink_wins_over_file_name() -> None:
    product = read(HEAD + "releases: []", file_name="acme-corp-product")
    assert (product.name, product.file_name) == ("acme", "acme-corp-product")


def test_file_order_is_kept() -> None:
    """Cycles stay in the order of the file."""
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
    """A column is shown, hidden or renamed; without its key the default applies."""
    columns = read(f"{HEAD}{keys}\nreleases: []").columns
    assert [name for name, column in columns.items() if column.shown] == shown.split()


@pytest.mark.parametrize(
    "tags", ["web  acme", "[web, acme]", "[web, acme, web]", "\n- web\n- acme"]
)
def test_tags_are_words_or_a_list(tags: str) -> None:
    """Duplicate tags are dropped."""
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
def test_milestone_is_a_date_or_a_boolean_or_empty(text: str, value: str) -> None:
    assert format_milestone(read_cycle(f"eol: {text}").lifecycle.eol) == value


@pytest.mark.parametrize(
    ("precision", "value"),
    [("day", "2028-05-06"), ("month", "2028-05"), ("quarter", "2028-Q2"), ("year", "2028")],
)
def test_precision(precision: str, value: str) -> None:
    """The project's own key `precision` sets the precision of a milestone's date."""
    life = read_cycle(f"eol: 2028-05-06\nprecision: {{eol: {precision}}}").lifecycle
    assert format_milestone(life.eol) == value


def test_custom_value_may_be_a_date() -> None:
    """A date in a custom field becomes text. Null is no value."""
    fields = "customFields:\n  - name: a\n  - name: b\n  - name: c\n"
    (cycle,) = read(f"{HEAD}{fields}{CYCLES}    a: 2028-04-30\n    b: ~\n    d: x").cycles
    assert cycle.custom == {"a": "2028-04-30"}


def test_unknown_keys_are_ignored() -> None:
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
def test_windows_line_ends_and_byte_order_mark_are_accepted(change: Callable[[str], str]) -> None:
    """They do not change values or lines."""
    product = read_product(decode(change(FULL).encode()))
    assert product == read_product(FULL)
    assert product.lines == read_product(FULL).lines


def test_dashes_inside_the_front_matter_do_not_end_it() -> None:
    product = read(f"{HEAD}versionCommand: |\n  ---\n  x\n# ---\n{CYCLES}", body="a: [\n---\n")
    assert (product.version_command, product.description) == ("---\nx\n", "a: [\n---\n")


# ---- older keys ----------------------------------------------------------------------------------


def test_older_keys_are_read_as_todays() -> None:
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
def test_older_boolean_of_support_is_negated(text: str, eoas: str, eoes: str) -> None:
    """`support: true` means that support has not ended. Today's key takes precedence."""
    life = read_cycle(text).lifecycle
    assert (format_milestone(life.eoas), format_milestone(life.eoes)) == (eoas, eoes)


def test_problem_has_the_key_that_the_file_uses() -> None:
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
    """A file of 2021 has seven cycles without release dates, and no other date is lost."""
    text = decode((SHARED / "references" / "django-2021.md").read_bytes())
    product = read_product(text, "django")
    cycle = product.cycles[0]
    assert [cycle.name for cycle in product.cycles] == NAMES_OF_2021
    assert cycle.lifecycle == make_lifecycle(eoas="2021-12-01", eol="2024-04-01", lts="yes")
    assert product.version_command.startswith("python -c")
    assert product.policy_link == "https://www.djangoproject.com/download/#supported-versions"
    assert product.columns["eoas"] == Column(True)
    assert product.warnings == ()


# ---- the sixty files ---------------------------------------------------------------------------

FILES = sorted((CATALOGUE / "products").glob("*.md"))


@pytest.mark.catalogue
def test_there_are_sixty_files() -> None:
    assert len(FILES) == 60


@pytest.mark.catalogue
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_real_file_is_read(file: Path) -> None:
    """Each real product file is read without problems. The only warning is about a stray quote."""
    product = read_product(decode(file.read_bytes()), file.stem)
    assert product.cycles
    remarked = [warning.path for warning in product.warnings]
    assert remarked == (["changelogTemplate"] if file.stem == "visual-cobol" else [])
