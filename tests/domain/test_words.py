"""Sentences about time."""

from datetime import date

import pytest

from releases.domain.lifecycle.extended_support import ExtendedSupport, ExtendedTerms
from releases.domain.lifecycle.milestones import PartialDate
from releases.domain.lifecycle.words import (
    distance,
    lower_first,
    one_line,
    outlook,
    shift,
    status_sentence,
    status_words,
    support_sentences,
    support_summary,
    unless,
    what_ends,
    what_follows,
    when,
)
from tests.conftest import ON
from tests.lifecycles import COMMERCIAL, FREE, make_lifecycle, value


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (ON, "today"),
        (date(2026, 11, 22), "in 1 day"),
        (date(2026, 11, 20), "1 day ago"),
        (date(2027, 1, 19), "in 59 days"),
        (date(2027, 1, 20), "in 1 month"),
        (date(2027, 1, 21), "in 2 months"),
        (date(2025, 4, 2), "19 months ago"),
        (date(2028, 11, 20), "in 23 months"),
        (date(2028, 11, 21), "in 2 years"),
        (date(2028, 12, 21), "in 2 years and 1 month"),
        (date(2016, 11, 21), "10 years ago"),
    ],
)
def test_distance(day: date, words: str) -> None:
    """The unit is days up to two months, months up to two years, then years, rounded down."""
    assert distance(day, ON) == words


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("2028-04-30", "2028-04-21", "9 days earlier"),
        ("2028-04-21", "2028-04-22", "1 day later"),
        ("2028-04-30", "2028-05", "1 month later"),
        ("2028-04", "2029-04-30", "12 months later"),
        ("2027-08-31", "2028-02", "6 months later"),
        ("2028-02-29", "2027-08-31", "6 months earlier"),
        ("2028", "2031", "3 years later"),
        ("2028-Q1", "2030-04", "2 years and 1 month later"),
        ("2028-04-15", "2028-07-10", "2 months later"),
        ("0001-01-31", "9999-12-31", "9998 years and 11 months later"),
    ],
)
def test_shift(old: str, new: str, words: str) -> None:
    """It is worded like a distance, but ends of months are whole months apart."""
    assert shift(_day(old), _day(new)) == words


def _day(text: str) -> PartialDate:
    found = value(text)
    assert isinstance(found, PartialDate)
    return found


@pytest.mark.parametrize(
    ("text", "words"),
    [("2026-11-25", "in 4 days"), ("2026-11", "this month"), ("2026", "this year"), ("no", "")],
)
def test_when(text: str, words: str) -> None:
    """A period that has begun is not counted in days, and a missing date is not counted."""
    assert when(value(text), ON) == words


@pytest.mark.parametrize(
    ("milestones", "sentence"),
    [
        ({"release": "2027-04"}, "Planned for Apr 2027"),
        ({"release": "no"}, "Planned, no date announced"),
        ({"eol": "2026-11-21"}, "Active support, last day, until 21 Nov 2026"),
        ({"eol": "2026-11-22"}, "Active support, 1 day left, until 22 Nov 2026"),
        (
            {"eoas": "2025-12-03", "eol": "2028-04-30"},
            "Security fixes only, 17 months left, until 30 Apr 2028",
        ),
        ({"eoas": "yes", "eol": "2028-04"}, "Security fixes only, until Apr 2028"),
        ({"eol": "no"}, "Active support, no end announced"),
        (
            {"eol": "2026-01-01", "eoes": "no"},
            "Security support ended on 1 Jan 2026. Extended support continues; no end announced",
        ),
        (
            {"eol": "2026-01", "eoes": "2028-06-30"},
            "Security support ended in Jan 2026. Extended support continues until 30 Jun 2028",
        ),
        (
            {"eol": "yes", "eoes": "no"},
            "Security support has ended, since when is not known. Extended support continues; no"
            " end announced",
        ),
        (
            {"eoas": "2026-01-01", "eoes": "no"},
            "Support ended on 1 Jan 2026. Extended support continues; no end announced",
        ),
        ({"eol": "2026-01-01"}, "End of life since 1 Jan 2026"),
        ({"eol": "2025-01-01", "eoes": "2026-01-01"}, "End of life since 1 Jan 2025"),
        ({"eol": "yes", "eoes": "2026-01-01"}, "End of life since 1 Jan 2026"),
        ({"eol": "yes"}, "End of life, date not known"),
    ],
)
def test_status_sentence(milestones: dict[str, str], sentence: str) -> None:
    assert status_sentence(make_lifecycle(**milestones), ON) == sentence


@pytest.mark.parametrize(
    ("milestones", "words"),
    [
        ({"release": "2027-04"}, "planned for Apr 2027"),
        ({"release": "no"}, "planned"),
        ({"eol": "2026-12-31"}, "active until 31 Dec 2026"),
        ({"eoas": "2025-12-03", "eol": "2028-04"}, "security until Apr 2028"),
        ({"eoas": "yes", "eol": "no"}, "security"),
        ({"eol": "no"}, "active"),
        ({"eol": "2026-01-01", "eoes": "2028"}, "security support ended on 1 Jan 2026"),
        ({"eol": "yes", "eoes": "2028"}, "security support has ended"),
        ({"eol": "2026-01-01"}, "end of life since 1 Jan 2026"),
        ({"eol": "yes"}, "end of life"),
    ],
)
def test_status_words_do_not_change_from_day_to_day(milestones: dict[str, str], words: str) -> None:
    """They are the short form of the status sentence."""
    assert status_words(make_lifecycle(**milestones), ON) == words


def test_free_extended_support_has_the_name_of_its_product() -> None:
    free = make_lifecycle(FREE, eol="2026-07-11", eoes="2028-06-30")
    assert status_sentence(free, ON) == "LTS, 19 months left, until 30 Jun 2028"
    assert status_words(free, ON) == "LTS until 30 Jun 2028"
    assert status_sentence(free, date(2028, 7, 1)) == "End of life since 30 Jun 2028"


def test_other_extended_support_follows_the_end_of_support() -> None:
    commercial = make_lifecycle(COMMERCIAL, eol="2025-04-30", eoes="no")
    assert status_sentence(commercial, ON) == (
        "Security support ended on 30 Apr 2025. Commercial support continues; no end announced"
    )
    assert unless(commercial) == "Upgrade, unless you have commercial support"


@pytest.mark.parametrize(
    ("milestones", "sentences", "summary"),
    [
        (
            {"release": "2027-04", "eoas": "2027-12", "eol": "2030-04"},
            "Planned for Apr 2027, in 5 months. Security fixes until Apr 2030.",
            "planned for Apr 2027",
        ),
        (
            {"release": "2026-11", "eoas": "no", "eol": "2030"},
            "Planned for Nov 2026, this month. Supported until 2030.",
            "planned for Nov 2026",
        ),
        (
            {"release": "2027-01-01", "eol": "no"},
            "Planned for 1 Jan 2027, in 41 days.",
            "planned for 1 Jan 2027",
        ),
        (
            {"release": "no", "eol": "2030"},
            "Planned; no release date is announced.",
            "planned",
        ),
        (
            {"eoas": "2027-04-30", "eol": "2027-12-31"},
            "Bug fixes until 30 Apr 2027, in 5 months. Security fixes until 31 Dec 2027.",
            "supported until 31 Dec 2027",
        ),
        (
            {"eoas": "2027-04", "eol": "no"},
            "Bug fixes until Apr 2027, in 5 months. Security fixes continue; no end is announced.",
            "supported, no end announced",
        ),
        (
            {"eoas": "2027-12-31", "eol": "2027-12-31"},
            "Supported until 31 Dec 2027, in 13 months.",
            "supported until 31 Dec 2027",
        ),
        (
            {"eoas": "no", "eol": "2031-04-21"},
            "Supported until 21 Apr 2031, in 4 years and 5 months.",
            "supported until 21 Apr 2031",
        ),
        (
            {"eol": "2026-11-21"},
            "Supported until 21 Nov 2026, today.",
            "supported until 21 Nov 2026",
        ),
        ({"eol": "no"}, "Supported; no end is announced.", "supported, no end announced"),
        ({}, "Supported; no end is recorded.", "supported"),
        (
            {"eoas": "2025-12-03", "eol": "2028-04-30"},
            "Security fixes until 30 Apr 2028, in 17 months. Bug fixes ended 3 Dec 2025.",
            "supported until 30 Apr 2028",
        ),
        (
            {"eoas": "2025-12", "eol": "no"},
            "Security fixes; no end is announced. Bug fixes ended in Dec 2025.",
            "supported, no end announced",
        ),
        (
            {"eoas": "yes", "eol": "2026-Q4"},
            "Security fixes until Q4 2026, this quarter. Bug fixes ended; the date is not known.",
            "supported until Q4 2026",
        ),
        (
            {"eol": "2026-01-01", "eoes": "no"},
            "Security support ended on 1 Jan 2026. Extended support continues; no end announced.",
            "security support ended on 1 Jan 2026",
        ),
        (
            {"eol": "2025-04-30"},
            "Support ended 30 Apr 2025, 18 months ago.",
            "end of life since 30 Apr 2025",
        ),
        (
            {"eol": "2025-01-01", "eoes": "2026-01"},
            "Support ended 1 Jan 2025, 22 months ago. Extended support ended in Jan 2026.",
            "end of life since 1 Jan 2025",
        ),
        (
            {"eoes": "2026-01-21"},
            "Support ended 21 Jan 2026, 10 months ago.",
            "end of life since 21 Jan 2026",
        ),
        ({"eol": "yes"}, "Support ended; the date is not known.", "end of life"),
    ],
)
def test_support_sentences_and_summary(
    milestones: dict[str, str], sentences: str, summary: str
) -> None:
    """Distances are in words: days only below two months."""
    life = make_lifecycle(**milestones)
    assert support_sentences(life, ON) == sentences
    assert support_summary(life, ON) == summary


@pytest.mark.parametrize(
    ("milestones", "sentences", "summary"),
    [
        (
            {"eol": "2028-08-09", "eoes": "2030-06-30"},
            "Security support until 9 Aug 2028, in 20 months. LTS until 30 Jun 2030.",
            "supported until 30 Jun 2030",
        ),
        (
            {"eoas": "2026-01-01", "eol": "2028-08-09", "eoes": "no"},
            "Security fixes until 9 Aug 2028, in 20 months. LTS after it; no end is announced."
            " Bug fixes ended 1 Jan 2026.",
            "supported, no end announced",
        ),
        (
            {"eol": "2026-07-11", "eoes": "2028-06-30"},
            "LTS until 30 Jun 2028, in 19 months. Security support ended 11 Jul 2026.",
            "supported until 30 Jun 2028",
        ),
        (
            {"eol": "2024-07-01", "eoes": "2026-06-30"},
            "Support ended 30 Jun 2026, 4 months ago.",
            "end of life since 30 Jun 2026",
        ),
    ],
)
def test_free_extended_support_is_support(
    milestones: dict[str, str], sentences: str, summary: str
) -> None:
    life = make_lifecycle(FREE, **milestones)
    assert support_sentences(life, ON) == sentences
    assert support_summary(life, ON) == summary


def test_paid_support_is_named_only_if_recorded() -> None:
    paid = make_lifecycle(ExtendedSupport(ExtendedTerms.PAID), eol="2025-04-30", eoes="2027")
    assert support_sentences(paid, ON) == (
        "Security support ended on 30 Apr 2025. Paid extended support continues until 2027."
    )


@pytest.mark.parametrize(
    ("terms", "label", "product", "name"),
    [
        ("", "", "X", "extended support"),
        ("contract", "", "X", "extended support"),
        ("paid", "", "X", "paid extended support"),
        ("paid", "Paid Support", "X", "paid support"),
        ("free", 'Debian <abbr title="Long Term Support">LTS</abbr>', "Debian", "LTS"),
        ("", "Expanded Security Maintenance", "Ubuntu", "Expanded Security Maintenance"),
        ("", "Long Term Service Pack Support", "SLES", "long term service pack support"),
        ("", "Acme &amp; Co Support", "X", "Acme & Co support"),
        ("", "Adobe Commerce end of software support", "Magento", "extended support"),
    ],
)
def test_name_of_extended_support(terms: str, label: str, product: str, name: str) -> None:
    """It is the label of the column in lower case. Paid is only mentioned if it is recorded."""
    assert ExtendedSupport(ExtendedTerms(terms), label, product).name == name


def test_plural_names_have_a_plural_verb() -> None:
    updates = ExtendedSupport(label="Extended Security Updates")
    assert updates.continues == "Extended Security Updates continue"
    assert FREE.continues == "LTS continues"


@pytest.mark.parametrize(
    ("milestones", "words"),
    [
        (
            {"eoas": "2027-04-30", "eol": "2027-12-31"},
            "Bug fixes until 30 Apr 2027, security fixes until 31 Dec 2027",
        ),
        (
            {"eoas": "2027-04-30", "eol": "no"},
            "Bug fixes until 30 Apr 2027, security fixes without an announced end",
        ),
        (
            {"eoas": "2025-12-03", "eol": "2028-04-30"},
            "Security fixes until 30 Apr 2028, in 17 months",
        ),
        ({"eol": "2026-11-21"}, "Supported until 21 Nov 2026, today"),
        ({"eoas": "2028", "eol": "2028"}, "Supported until 2028, in 2 years and 1 month"),
        ({"eoas": "no", "eol": "2028-04-30"}, "Supported until 30 Apr 2028, in 17 months"),
        ({"eol": "no"}, "Supported; no end is announced"),
        ({}, "Supported; no end is recorded"),
        ({"release": "2027-04", "eol": "2030-04"}, "Expected Apr 2027, supported until Apr 2030"),
        ({"release": "2027-04"}, "Expected Apr 2027"),
        ({"release": "no", "eol": "2030"}, "Not announced, supported until 2030"),
    ],
)
def test_outlook(milestones: dict[str, str], words: str) -> None:
    assert outlook(make_lifecycle(**milestones), ON) == words


def test_outlook_of_free_extended_support() -> None:
    life = make_lifecycle(FREE, eol="2026-07-11", eoes="2028-06-30")
    assert outlook(life, ON) == "LTS until 30 Jun 2028, in 19 months"


@pytest.mark.parametrize(
    ("text", "lowered"),
    [("Active support", "active support"), ("LTS until", "LTS until"), ("", "")],
)
def test_lower_first_keeps_abbreviations(text: str, lowered: str) -> None:
    assert lower_first(text) == lowered


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (" a  b ", "a b"),
        ("a\r\nb\u2028c\x0bd\x85e", "a b c d e"),
        ("a\x00\x08\ufffeb\ud800", "a b"),
        ("“é” 長期 😀", "“é” 長期 😀"),
    ],
)
def test_one_line_removes_control_characters(text: str, line: str) -> None:
    """Characters that break a line or XML are removed; all others stay."""
    assert one_line(text) == line


THREE_PHASES = {"release": "2025", "eoas": "2026", "eol": "2027", "eoes": "2029"}


@pytest.mark.parametrize(
    ("milestones", "milestone", "terms", "words"),
    [
        (THREE_PHASES, "eoas", "", "Bug fixes"),
        (THREE_PHASES, "eol", "", "Security fixes"),
        (THREE_PHASES, "eoes", "", "Extended support"),
        (THREE_PHASES, "eoes", "contract", "Extended support"),
        (THREE_PHASES, "eoes", "paid", "Paid support"),
        (THREE_PHASES, "eoes", "free", "LTS"),
        ({"eol": "2027"}, "eol", "", "Security support"),
        ({"eoas": "2027"}, "eoas", "", "Active support"),
        ({"eoes": "2027"}, "eoes", "paid", "Extended support"),
    ],
)
def test_what_ends(milestones: dict[str, str], milestone: str, terms: str, words: str) -> None:
    """A single phase has its own name; support is called paid only where that is recorded."""
    extended = ExtendedSupport(ExtendedTerms(terms), "Debian LTS", "Debian")
    life = make_lifecycle(extended, **milestones)
    assert what_ends(life, milestone) == words


@pytest.mark.parametrize(
    ("label", "words"),
    [
        ("Security Updates", "Security updates"),
        ("Acme Public support", "Public support"),
        ('End of Service Pack Support (<abbr title="x">EoSPS</abbr>)', "Service pack support"),
        ("Maintenance &amp; Security Support", "Maintenance & security support"),
        ("OS Updates", "OS updates"),
        ("Supported", "Support"),
        ("Support Status", "Support"),
        ("End of Life", "Support"),
    ],
)
def test_label_of_a_product_as_the_name_of_its_support(label: str, words: str) -> None:
    """A label that names no kind of support gives the plain word."""
    life = make_lifecycle(ExtendedSupport(product="Acme"), eol="2027")
    assert what_ends(life, "eol", label) == words


@pytest.mark.parametrize(
    ("milestones", "terms", "words"),
    [
        ({"eoas": "2026-01", "eol": "2027-12-31"}, "", "Security fixes until 31 Dec 2027"),
        ({"eoas": "2026-01", "eol": "no"}, "", "Security fixes go on, no end announced"),
        ({"eol": "2026-01", "eoes": "2031-03"}, "paid", "Paid until Mar 2031"),
        ({"eol": "2026-01", "eoes": "no"}, "paid", "Paid support goes on, no end announced"),
        ({"eol": "2026-01", "eoes": "2031-03"}, "", "Extended support until Mar 2031"),
        ({"eol": "2026-01", "eoes": "2031-03"}, "free", "LTS until Mar 2031"),
        ({"eol": "2026-01"}, "", ""),
        ({"eol": "2027-01"}, "", ""),
    ],
)
def test_what_follows(milestones: dict[str, str], terms: str, words: str) -> None:
    extended = ExtendedSupport(ExtendedTerms(terms), "Debian LTS", "Debian")
    assert what_follows(make_lifecycle(extended, **milestones), ON) == words
