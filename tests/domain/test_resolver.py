"""The resolver finds the release cycle that a version text belongs to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from releases.domain.lifecycle.resolver import Resolution, Resolver
from releases.domain.lifecycle.status import Lifecycle
from releases.formats.labels import cycle_label, cycle_title
from releases.formats.liquid import plain_text
from releases.formats.product_files.parser import decode, read_product
from releases.formats.product_files.records import CycleRecord, ProductRecord
from releases.services.imports.import_products import BUNDLED
from tests.conftest import CATALOGUE, ON
from tests.domain.strategies import few
from tests.lifecycles import make_lifecycle


@dataclass(frozen=True)
class Cycle:
    name: str
    lifecycle: Lifecycle = Lifecycle()  # noqa: RUF009 - immutable
    codename: str = ""
    latest: str = ""
    label: str = ""
    former: tuple[str, ...] = ()
    versions: str = ""


def resolver_of(*cycles: Cycle | str, names: tuple[str, ...] = ()) -> Resolver[Cycle]:
    return Resolver(
        [
            each if isinstance(each, Cycle) else Cycle(each, make_lifecycle(eol="2030"))
            for each in cycles
        ],
        names,
        title=lambda cycle: cycle.label or cycle.name,
        former_names=lambda cycle: cycle.former,
        versions=lambda cycle: cycle.versions,
    )


def found(resolver: Resolver[Cycle], text: str, on: date = ON) -> str | list[str]:
    """Return the name of the resolved cycle, or the names of the candidates."""
    resolution = resolver.resolve(text, on)
    if resolution.cycle:
        return resolution.cycle.name
    return [each.name for each in resolution.candidates]


# ---- real products


@cache
def real(file: Path) -> tuple[ProductRecord, Resolver[CycleRecord]]:
    record = read_product(decode(file.read_bytes()), file.stem)
    resolver = Resolver(
        record.cycles,
        [record.name, record.label, *record.aliases],
        title=lambda cycle: cycle_title(record, cycle),
        releases=[(each.version, cycle) for cycle in record.cycles for each in cycle.releases],
        lts=plain_text(record.lts_label),
    )
    return record, resolver


FILES = [*sorted(BUNDLED.glob("*.md")), *sorted((CATALOGUE / "products").glob("*.md"))]


def cycles_by_name(file: Path) -> Iterator[tuple[str, CycleRecord]]:
    """Yield each cycle with its name and any unambiguous label, in several spellings."""
    record, _ = real(file)
    titles = [cycle_title(record, each).lower() for each in record.cycles]
    for cycle, title in zip(record.cycles, titles, strict=True):
        yield cycle.name, cycle
        yield cycle.name.upper(), cycle
        yield f"{record.label} {cycle.name}", cycle
        if titles.count(title) == 1:
            yield title, cycle
            yield f"{record.label} {title}", cycle
            yield cycle_label(record, cycle, ON), cycle


@pytest.mark.catalogue
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_cycle_resolves_to_itself(file: Path) -> None:
    """Labels count if no other cycle of the product has the same."""
    _, resolver = real(file)
    elsewhere = {
        text: found.cycle and found.cycle.name
        for text, cycle in cycles_by_name(file)
        if (found := resolver.resolve(text, ON)).cycle is not cycle
    }
    assert elsewhere == {}


@pytest.mark.catalogue
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_recorded_release_resolves_to_its_cycle(file: Path) -> None:
    """The latest release counts, too, unless several cycles share it."""
    record, resolver = real(file)
    latest = [cycle.latest for cycle in record.cycles]
    for cycle in record.cycles:
        versions = [each.version for each in cycle.releases]
        if cycle.latest and latest.count(cycle.latest) == 1:
            versions.append(cycle.latest)
        for version in versions:
            assert resolver.resolve(version, ON).cycle is cycle, version


@pytest.mark.catalogue
@pytest.mark.parametrize(
    ("product", "text", "cycle", "version"),
    [
        ("iphone", "iPhone SE (3rd generation)", "se-3", ""),
        ("iphone", "iPhone 16e", "16e", ""),
        ("iphone", "Apple iPhone 17 Pro", "17-pro", ""),
        ("docker-engine", "5:27.3.1-1~ubuntu.22.04~jammy", "27", "27.3.1"),
        ("cos", "cos-117-18613-0-76", "cos-117", "cos-117-18613-0-76"),
        ("ubuntu", "22.04.5", "22.04", "22.04.5"),
        ("ubuntu", "Ubuntu 22.04.3 LTS", "22.04", "22.04.3"),
        ("ubuntu", "22.04.3 LTS (Jammy Jellyfish)", "22.04", "22.04.3"),
        ("ubuntu", "jammy", "22.04", ""),
        ("nodejs", "v18.20.4", "18", "18.20.4"),
        ("rhel", "8.10", "8", "8.10"),
        ("rhel", "Red Hat Enterprise Linux release 8.10", "8", "8.10"),
        ("postgresql", "psql (PostgreSQL) 14.9 (Debian 14.9-1.pgdg110+1)", "14", "14.9"),
        ("nginx", "nginx version: nginx/1.24.0", "1.24", "1.24.0"),
        ("bellsoft-liberica", "1.8.0_392", "8", ""),
        ("eclipse-jetty", "9.4.50.v20221201", "9.4", "9.4.50"),
        ("windows-server", "2012-r2", "2012-r2", ""),
        ("zerto", "10.0_u7", "10.0_u7", ""),
        ("ibm-aix", "7.3 TL4", "7.3.4", ""),
        ("anthropic-claude", "opus 5", "claude-opus-5", ""),
    ],
)
def test_real_versions(product: str, text: str, cycle: str, version: str) -> None:
    _, resolver = real(CATALOGUE / "products" / f"{product}.md")
    resolution = resolver.resolve(text, ON)
    assert resolution.cycle
    assert (resolution.cycle.name, resolution.version) == (cycle, version)


@pytest.mark.catalogue
@pytest.mark.parametrize(
    ("product", "text", "candidates"),
    [
        ("windows-server", "10.0.17763", ["1809-sac", "2019"]),
        ("django", "<5", ["5.2", "5.1", "5.0"]),
        ("nodejs", "Deno 22.1", ["22"]),
        ("docker-engine", "27.3 of Debian", ["27"]),
    ],
)
def test_ambiguous_text_gives_candidates(product: str, text: str, candidates: list[str]) -> None:
    """Examples are a release of several cycles, and text without a meaning."""
    _, resolver = real(CATALOGUE / "products" / f"{product}.md")
    resolution = resolver.resolve(text, ON)
    assert resolution.cycle is None
    assert [each.name for each in resolution.candidates] == candidates


# ---- precedence


def test_exact_cycle_name_wins_over_prefix() -> None:
    """Examples are `10-1809-e-lts` and `10-1809-e`, `4.9-lts` and `4.9`, `13.0-sp3` and `13.0`."""
    windows = resolver_of(
        Cycle("10-1809-e-lts", make_lifecycle(eol="2029-01-09"), label="10 1809 (E)"),
        Cycle("10-1809-e", make_lifecycle(eol="2021-05-11"), label="10 1809 (E)"),
        Cycle("10-1809-w", make_lifecycle(eol="2020-11-10"), label="10 1809 (W)"),
    )
    for name in ("10-1809-e-lts", "10-1809-e", "10-1809-w", "10-1809-E-LTS"):
        assert found(windows, name) == name.lower()
    assert found(resolver_of("4.9-lts", "4.9"), "4.9-lts") == "4.9-lts"
    assert found(resolver_of("13.0-sp3", "13.0"), "13.0-sp3") == "13.0-sp3"


def test_shared_label_gives_all_its_cycles() -> None:
    windows = resolver_of(
        Cycle("10-1809-e-lts", make_lifecycle(eol="2029-01-09"), label="10 1809 (E)"),
        Cycle("10-1809-e", make_lifecycle(eol="2021-05-11"), label="10 1809 (E)"),
        names=("windows", "Microsoft Windows"),
    )
    assert found(windows, "Windows 10 1809 (E)") == ["10-1809-e-lts", "10-1809-e"]


def test_shared_codename_gives_all_its_cycles() -> None:
    ended = make_lifecycle(eol="2021-01-01")
    android = resolver_of(
        Cycle("8.1", make_lifecycle(eol="2030"), codename="Oreo"),
        Cycle("8.0", ended, codename="Oreo"),
    )
    assert found(android, "Oreo") == ["8.1", "8.0"]


def test_former_name_wins_over_label() -> None:
    cycles = resolver_of(Cycle("12", former=("next",)), Cycle("11", label="next"))
    assert found(cycles, "next") == "12"
    assert found(resolver_of("next", Cycle("12", former=("next",))), "next") == "next"


def test_listed_release_wins_over_version_parts() -> None:
    """A vendor may assign a release to a cycle other than its number suggests."""
    cycles = [Cycle("8.0", make_lifecycle()), Cycle("8.0-extended", make_lifecycle())]
    resolver = Resolver(cycles, releases=[("8.0.9", cycles[1])])
    assert found(resolver, "8.0.9") == "8.0-extended"


@pytest.mark.parametrize(
    ("version", "cycles", "expected"),
    [
        ("5.2.19", "5.1 5.2 6.0", "5.2"),
        ("5.2", "5.1 5.2 6.0", "5.2"),
        ("22.04.5", "20.04 22.04 24.04", "22.04"),
        ("2028.3", "2026 2027 2028", "2028"),
        ("3.12.0rc1", "3.11 3.12 3.13", "3.12"),
        ("6.2a1", "6.1 6.2", "6.2"),
        ("v18.2.0", "16 18 20", "18"),
        ("18.2.0", "v16 v18", "v18"),
        # the longest name wins
        ("1.18.5", "1 1.1 1.18 2", "1.18"),
        # a number is one part: 1.1 does not begin 1.10
        ("1.10.3", "1 1.1", "1"),
        ("10.3", "1 10.3.1", ["10.3.1"]),
        ("5.20", "5.2", ["5.2"]),
        # no match
        ("4.2", "5.2 6.0", []),
        ("5", "5.2 6.0", ["5.2"]),
        ("", "5.2 6.0", []),
        ("?", "? !", "?"),
        # names with words after the numbers
        ("8.0.5", "7.4-lts 8.0-lts", "8.0-lts"),
        ("8.0-lts", "8.0 8.0-lts", "8.0-lts"),
        # editions: the number is ambiguous
        ("8.0.5", "8.0 8.0-lts", ["8.0", "8.0-lts"]),
        ("13.0.5026", "13.0 13.0-sp3 12.0", ["13.0", "13.0-sp3"]),
        ("7.9.104", "7 7.9 7.9-ce", ["7.9", "7.9-ce"]),
        ("10-1809", "10-1809-e 10-1809-w", ["10-1809-e", "10-1809-w"]),
        # names that begin with a word, or contain + and _
        ("r81.20", "r80 r81 r82", "r81"),
        ("17+35", "17 17+35 18", "17+35"),
        ("14_1_2", "14_1 14_2", "14_1"),
        # suffixes of packagers
        ("1:10.11.6-0+deb12u1", "10.6 10.11 11.4", "10.11"),
        ("16.4-1.pgdg120+1", "16 15", "16"),
        ("3.20.3-r0", "3.20 3.19", "3.20"),
        ("9.3.1-5.el9_4", "9.3 9.2", "9.3"),
        ("6.1.0+build.5", "6.1", "6.1"),
        ("2.7.18.RELEASE", "2.7", "2.7"),
        # unknown suffixes
        ("5.2-banana", "5.2", ["5.2"]),
        ("16f", "16 15", ["16"]),
        ("1.8.0_392", "11 8 7", "8"),
        ("1.8.0", "11 8 7", []),
    ],
)
def test_version_belongs_to_the_cycle_that_is_its_prefix(
    version: str, cycles: str, expected: str | list[str]
) -> None:
    """The rest of the version must be of a known form."""
    resolver = resolver_of(*cycles.split())
    assert found(resolver, version) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Django==4.2.7", "4.2"),
        ("django@4.2.7", "4.2"),
        ("django 4.2", "4.2"),
        ("DJANGO-4.2.7", "4.2"),
        (">=4.2,<5", "4.2"),
        ("^4.2.0", "4.2"),
        ("4.2.7 ; python_version < '3'", "4.2"),
        ("Django==4.2.7 ; python_version > '3'", "4.2"),
        ("'4.2'", "4.2"),
        ("4.2.x", "4.2"),
        ("4.2.", "4.2"),
        ("Flask==4.2.7", ["4.2"]),
        ("<4.2", ["4.2"]),
        ("!=4.2", ["4.2"]),
        (">4.2", ["4.2"]),
    ],
)
def test_product_name_and_operators_before_a_version_are_skipped(
    text: str, expected: str | list[str]
) -> None:
    """The name of another product is not."""
    assert found(resolver_of("5.2", "4.2", names=("django", "Django")), text) == expected


def test_patch_letters_are_accepted() -> None:
    """The latest releases of the product must be written with them."""
    openssl = resolver_of(
        Cycle("1.1.1", make_lifecycle(), latest="1.1.1w"), Cycle("1.0.2", latest="1.0.2u")
    )
    assert found(openssl, "1.1.1k") == "1.1.1"
    assert openssl.resolve("1.1.1k", ON).one_release


# ---- lines, pins and tags


ENDED, LIVE, PLANNED = (
    make_lifecycle(eol="2020-01-01"),
    make_lifecycle(eol="2030-01-01"),
    make_lifecycle(release="2030-01-01"),
)
LINES = resolver_of(
    Cycle("3.15", PLANNED),
    Cycle("3.14", LIVE),
    Cycle("3.9", ENDED),
    Cycle("2.7", make_lifecycle(eol="2020-04-01")),
    Cycle("2.6", ENDED),
)


def test_short_version_gives_candidates() -> None:
    assert found(LINES, "3") == ["3.15", "3.14", "3.9"]


def test_ended_line_resolves_to_its_last_cycle() -> None:
    resolution = LINES.resolve("2", ON)
    assert (found(LINES, "2"), resolution.line, resolution.moving) == ("2.7", "2", False)
    assert found(LINES, "2", date(2020, 3, 1)) == ["2.7", "2.6"]


@pytest.mark.parametrize(("text", "cycle"), [("3.x", "3.14"), ("2.*", "2.7"), ("3.9.x", "3.9")])
def test_moving_version_is_the_newest_released_cycle_of_its_line(text: str, cycle: str) -> None:
    assert found(LINES, text) == cycle
    assert LINES.resolve(text, ON).moving is (cycle != "3.9")
    assert found(LINES, "3.x", date(2030, 1, 1)) == "3.15"


@pytest.mark.parametrize(
    ("version", "release", "line"),
    [
        ("3", "3.0.0", "3.x"),
        ("3.14", "3.14.0", "3.14"),
        ("3.14.1", "3.14.1", "3.14.1"),
        ("2", "2.0.0", "2.x"),
        ("3.14rc1", "3.14rc1", "3.14rc1"),
        ("9", "9", "9"),
        ("latest", "latest", "latest"),
    ],
)
def test_pin_and_tag_can_be_resolved_again(version: str, release: str, line: str) -> None:
    """A pin is one release; a tag is the newest of its line."""
    resolver = resolver_of(
        *(Cycle(each.name, each.lifecycle) for each in LINES.cycles), "3.0", "2.0"
    )
    assert resolver.release_text(version, ON) == release
    assert resolver.line_text(version, ON) == line


@pytest.mark.parametrize("text", ["Django==5.2", "django===5.2", "5.2.0"])
def test_pin_is_one_release(text: str) -> None:
    resolution = resolver_of("5.2", names=("django",)).resolve(text, ON)
    assert (resolution.version, resolution.one_release) == ("5.2.0", True)


def test_cycle_name_of_three_numbers_is_a_release() -> None:
    assert resolver_of("2.4.4").release_text("2.4.4", ON) == "2.4.4"


def test_name_that_ends_with_its_codename_and_has_an_epoch_before_it() -> None:
    resolver = resolver_of(Cycle("12 bookworm", codename="bookworm"))
    assert found(resolver, "1:12 bookworm") == "12 bookworm"


def test_release_of_a_product_with_a_cycle_of_the_same_name() -> None:
    resolver = resolver_of("cos", "cos-117", "cos-extra", names=("cos",))
    assert found(resolver, "117.5") == "cos-117"


# ---- any text

names = st.from_regex(r"[a-z0-9]{1,5}([._+-][a-z0-9]{1,4}){0,3}", fullmatch=True)


@few
@given(st.lists(names, min_size=1, max_size=8, unique=True), st.text(max_size=8), st.data())
def test_any_cycle_is_found_by_its_name(
    cycles: list[str], product: str, data: st.DataObject
) -> None:
    """The names of the product and of its other cycles do not matter."""
    name = data.draw(st.sampled_from(cycles))
    assert found(resolver_of(*cycles, names=(product,)), name) == name


@few
@given(st.text(max_size=120), st.lists(st.text(max_size=9), max_size=5), st.text(max_size=9))
def test_any_text_is_resolved_or_has_candidates(text: str, cycles: list[str], product: str) -> None:
    """No text is an error, and every result is one of the cycles."""
    resolver = resolver_of(*cycles, names=(product,))
    resolution: Resolution[Cycle] = resolver.resolve(text, ON)
    assert resolution.cycle in [*resolver.cycles, None]
    assert set(resolution.candidates) <= set(resolver.cycles)
    assert resolver.release_text(text, ON)[: len(text)] == text
    assert resolver.line_text(text, ON) in (text, f"{text}.x")


# ---- recorded ranges


SQL_SERVER = (
    Cycle("2022", versions="vers:generic/>=16.0|<17.0"),
    Cycle("2019", versions="vers:generic/>=15.0|<16.0"),
    Cycle("2012"),
)


@pytest.mark.parametrize(
    ("text", "cycle"),
    [
        ("15.0.4198.2", "2019"),
        ("v16.0", "2022"),
        ("sql server 15.0.2000.5", "2019"),
        ("2019", "2019"),
        ("2012", "2012"),
    ],
)
def test_recorded_range_names_the_cycle(text: str, cycle: str) -> None:
    assert found(resolver_of(*SQL_SERVER, names=("SQL Server",)), text) == cycle


@pytest.mark.parametrize("text", ["11.0.1", "17.0", "16.0-rc1", "slim"])
def test_version_outside_all_ranges_has_no_cycle(text: str) -> None:
    assert isinstance(found(resolver_of(*SQL_SERVER), text), list)


def test_recorded_range_excludes_versions_that_begin_with_the_name() -> None:
    """Pre-releases are smaller than the lower bound, and belong to the cycle by its name."""
    eight = Cycle("8", versions="vers:gem/>=8|<8.5")
    assert found(resolver_of(eight), "8.4.1") == "8"
    assert found(resolver_of(eight), "8") == "8"
    assert found(resolver_of(eight), "8.0rc1") == "8"
    assert found(resolver_of(eight), "8.6") == ["8"]
    assert found(resolver_of(eight, Cycle("9", versions="vers:gem/>=8.5")), "8.6") == "9"


def test_longer_name_wins_over_the_recorded_range_of_another_cycle() -> None:
    cycles = Cycle("8", versions="vers:gem/>=8|<9"), Cycle("8.5"), Cycle("9")
    assert found(resolver_of(*cycles), "8.5.1") == "8.5"
    assert found(resolver_of(*cycles), "9.0a1") == "9"


def test_range_decides_between_editions() -> None:
    """The number alone is ambiguous."""
    cycles = Cycle("13.0"), Cycle("13.0-sp3", versions="vers:generic/>=13.0.5000|<13.1")
    assert found(resolver_of(*cycles), "13.0.5026") == "13.0-sp3"
    assert found(resolver_of(*cycles), "13.0.4001") == ["13.0", "13.0-sp3"]


def test_invalid_range_is_ignored() -> None:
    """A database may have one, although no form and no file accepts it."""
    assert found(resolver_of(Cycle("8", versions="8.x")), "8.1") == "8"
