"""Verdicts as sentences."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache

import pytest

from releases.domain.lifecycle.data_age import DataAge
from releases.domain.upgrade.verdict_words import (
    answer_sentences,
    headlines,
    one_of,
    reasons,
    standing,
    support,
)
from tests.conftest import ON
from tests.domain.test_verdict import TABLE, product, verdict
from tests.lifecycles import make_lifecycle


def lines(name: str, text: str, on: date = ON, *, installed: bool = True) -> list[str]:
    found = verdict(name, text, on, installed=installed)
    return [*headlines(found, on), *reasons(found, label(name), on)]


@cache
def label(name: str) -> str:
    return product(name).label


def test_missed_patch_in_a_cycle_with_security_fixes() -> None:
    """The patch is as prominent as the status, and missed releases are counted."""
    assert lines("django", "5.2.1") == [
        "Security fixes only",
        "Take the patch: 5.2.19",
        "Django 5.2 LTS gets security fixes only, until 30 Apr 2028 (17 months left).",
        "Its latest release is 5.2.19. You are missing 14 security releases, the last one 5.2.19,"
        " of 3 Nov 2026.",
        "The newest is Django 6.1: it gets active support until 30 Apr 2027 and security fixes"
        " until 31 Dec 2027, no later than 5.2.",
    ]


def test_cycle_without_a_patch() -> None:
    assert lines("django", "6.1") == [
        "You are up to date",
        "Django 6.1 gets active support until 30 Apr 2027 and security fixes until 31 Dec 2027"
        " (13 months left).",
        "Its latest release is 6.1.3. If you run an older one, take it.",
    ]


def test_recorded_patch_policy_is_mentioned() -> None:
    for text, sentence in (
        ("5.2.1", "Take the latest patch: by the product's policy it changes nothing else."),
        ("6.1", "take it: by the product's policy a patch changes nothing else."),
    ):
        found = verdict("django", text, ON)
        assert "policy" not in " ".join(reasons(found, "Django", ON))
        recorded = replace(found, patches_only_fix=True)
        assert sentence in " ".join(reasons(recorded, "Django", ON))


def with_data(text: str, data: DataAge, name: str = "postgresql", on: date = ON) -> list[str]:
    found = replace(verdict(name, text, on), data=data)
    return [*headlines(found, on), *reasons(found, label(name), on)]


OLD = DataAge(date(2026, 8, 22), old=True)


def test_old_data_allows_for_a_newer_release() -> None:
    """Headline and reasons do not rule it out."""
    assert with_data("18.6", OLD) == [
        "No newer release known here; data as of 22 Aug 2026",
        "PostgreSQL 18 gets support until 14 Nov 2030 (3 years and 11 months left).",
        "18.6 is its latest release known here.",
        "The data is as of 22 Aug 2026: what was released or announced since is not known here.",
    ]
    assert with_data("18.6", DataAge(date(2026, 11, 20)))[0] == "You are up to date"


def test_data_of_unknown_age() -> None:
    found = with_data("18.6", DataAge(None, old=True))
    assert found[0] == "No newer release known here; data of unknown age"
    assert found[-1] == "It is not known how old the data is: newer releases may be missing here."


def test_old_data_does_not_change_unsupported() -> None:
    assert "data is as of" not in " ".join(with_data("4.2.7", OLD, "django"))


def test_latest_patch_of_an_older_cycle() -> None:
    assert lines("postgresql", "17.11") == [
        "No need to upgrade yet",
        "PostgreSQL 17 gets support until 8 Nov 2029 (2 years and 11 months left).",
        "17.11 is its latest release.",
        "The newest is PostgreSQL 18: it gets support until 14 Nov 2030, 12 months later than 17.",
    ]


def test_one_missed_security_release() -> None:
    assert lines("django", "6.1.2")[0] == "Take the patch: 6.1.3"
    assert "You are missing 1 security release: 6.1.3, of 3 Nov 2026." in " ".join(
        lines("django", "6.1.2")
    )


def test_unsupported() -> None:
    assert lines("django", "4.2.7") == [
        "Upgrade now",
        "Support of Django 4.2 LTS ended on 7 Apr 2026.",
        "Its last release is 4.2.30: take that first, and go on from there.",
        "The newest is Django 6.1: it gets active support until 30 Apr 2027 and security fixes"
        " until 31 Dec 2027, 13 months from now.",
        "For the long term there is Django 5.2 LTS: it gets security fixes only, until 30 Apr 2028,"
        " 17 months from now.",
    ]


@pytest.mark.parametrize(
    ("on", "headline"),
    [
        (date(2026, 4, 5), "Plan the upgrade now: 2 days left"),
        (date(2026, 4, 6), "Plan the upgrade now: 1 day left"),
        (date(2026, 4, 7), "Plan the upgrade now: today is its last day"),
        (date(2026, 4, 8), "Upgrade now"),
    ],
)
def test_last_days_of_support(on: date, headline: str) -> None:
    assert lines("django", "4.2.7", on)[0] == headline


def test_extended_support() -> None:
    assert lines("ubuntu", "18.04.6")[:2] == [
        "Security support has ended",
        "Upgrade, unless you have extended support",
    ]
    assert lines("ubuntu", "18.04.6")[2:4] == [
        "Security support of Ubuntu 18.04 LTS ended on 31 May 2023. Extended support continues"
        " until 1 Apr 2028.",
        "Upgrade, unless you have extended support.",
    ]


def test_planned() -> None:
    assert lines("django", "6.2a1") == [
        "Not released yet",
        "Django 6.2 LTS is planned for Apr 2027.",
        "Use 6.2a1 for trying out only.",
        "Until then use Django 6.1: it gets active support until 30 Apr 2027 and security fixes"
        " until 31 Dec 2027.",
    ]


def test_unknown_version() -> None:
    assert lines("django", "5") == [
        "Not known here",
        "No release of Django that is known here is called “5”.",
        "Did you mean 5.2, 5.1 or 5.0?",
    ]
    assert lines("django", "7.0")[1:] == [
        "7.0 is newer than every release of Django that is out.",
        "The newest supported ones are 6.1, 6.0, 5.2.",
    ]


def test_version_older_than_all_cycles_gets_supported_cycles() -> None:
    """Other cycles with the same first number do not matter."""
    for text in ("1.5", "2.5"):
        assert lines("python", text)[-1] == "The newest supported ones are 3.15, 3.14, 3.13."


def test_no_cycle_is_suggested_if_all_have_ended() -> None:
    assert lines("django", "0.9", date(2099, 1, 1))[-1:] == [
        "The oldest one recorded here is no longer supported."
    ]


def test_version_newer_than_all_cycles() -> None:
    assert "5.2.99 is newer than 5.2.19, its latest release known here." in lines(
        "django", "5.2.99"
    )


def test_no_newer_cycle_is_supported() -> None:
    assert lines("postgresql", "17.11", date(2031, 1, 1))[-1] == "No newer PostgreSQL is supported."


@pytest.mark.parametrize(
    ("version", "headline"),
    [("5.1", "No longer supported"), ("6.1", "Supported"), ("5.2", "Security fixes only")],
)
def test_device_gets_no_upgrade_advice(version: str, headline: str) -> None:
    sentences = lines("django", version, installed=False)
    assert sentences[0] == headline
    assert len(sentences) == 2


def test_device_that_ends_soon() -> None:
    sentences = lines("django", "4.2", date(2026, 4, 6), installed=False)
    assert sentences[0] == "Support ends soon: 1 day left"


@pytest.mark.parametrize(("name", "version", "day"), [each[:3] for each in TABLE])
def test_every_line_is_a_sentence(name: str, version: str, day: str) -> None:
    found = verdict(name, version, date.fromisoformat(day))
    for reason in reasons(found, label(name), date.fromisoformat(day)):
        assert reason[-1] in ".?"
        assert "  " not in reason
        assert "None" not in reason


@pytest.mark.parametrize(
    ("milestones", "sentence"),
    [
        ({}, "X 1 gets support without an announced end."),
        ({"eol": "2027"}, "X 1 gets support until 2027."),
        ({"eol": "no"}, "X 1 gets support without an announced end."),
        ({"eol": "yes"}, "X 1 is no longer supported; since when is not known."),
        ({"eol": "2026-10"}, "Support of X 1 ended in Oct 2026."),
        ({"eol": "2026-11-20"}, "Support of X 1 ended on 20 Nov 2026."),
        ({"eol": "2026-11-21"}, "X 1 gets support until 21 Nov 2026 (today is its last day)."),
        (
            {"eol": "2026-01-01", "eoes": "no"},
            "Security support of X 1 ended on 1 Jan 2026. Extended support continues; no end"
            " announced.",
        ),
        (
            {"eoas": "2026-01-01", "eol": "no"},
            "X 1 gets security fixes only, without an announced end.",
        ),
        (
            {"eoas": "2027-01-01", "eol": "no"},
            "X 1 gets active support until 1 Jan 2027 and security fixes without an announced end.",
        ),
        (
            {"eoas": "2027-01-01", "eol": "2027-01-01"},
            "X 1 gets support until 1 Jan 2027 (41 days left).",
        ),
        ({"release": "2027"}, "X 1 is planned for 2027."),
        ({"release": "no"}, "X 1 is planned; no date is announced."),
    ],
)
def test_standing(milestones: dict[str, str], sentence: str) -> None:
    assert standing("X 1", make_lifecycle(**milestones), ON) == sentence


def test_support_ends_with_the_first_given_end() -> None:
    assert support(make_lifecycle(eoas="2027-01-01"), ON) == "support until 1 Jan 2027"


def test_one_of() -> None:
    assert one_of(("a",)) == "a"
    assert one_of(("a", "b", "c")) == "a, b or c"


# ---- the answer first


def first(name: str, text: str, on: date = ON, *, installed: bool = True) -> str:
    found = verdict(name, text, on, installed=installed)
    return " ".join(answer_sentences(found, label(name), on))


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        (
            "5.2.19",
            "No need to upgrade. 5.2 LTS gets security fixes until 30 Apr 2028, longer than 6.1.",
        ),
        (
            "5.2",
            "No need to upgrade. 5.2 LTS gets security fixes until 30 Apr 2028, longer than 6.1.",
        ),
        ("5.2.17", "No need to upgrade. Install the patch 5.2.19."),
        ("4.2", "Yes. Support ended on 7 Apr 2026."),
        ("6.1.3", "No need to upgrade. 6.1 gets support until 31 Dec 2027."),
        ("6.0.10", "No need to upgrade. 6.0 gets security fixes until 30 Apr 2027."),
        ("1.2", "Yes. Support has ended."),
    ],
)
def test_answer_begins_with_yes_or_no(text: str, sentences: str) -> None:
    assert first("django", text) == sentences


def test_answer_while_support_ends_soon() -> None:
    on = date(2027, 4, 20)
    assert first("django", "6.0.10", on) == "Yes. Support ends on 30 Apr 2027: 10 days left."
    assert first("django", "6.0.9", on) == (
        "Yes. Support ends on 30 Apr 2027: 10 days left. Install the patch 6.0.10."
    )


def test_answer_if_nothing_newer_is_supported() -> None:
    on = date(2040, 1, 1)
    assert first("django", "5.2", on).endswith("No newer Django is supported.")
    assert not first("django", "5.2", on).startswith("Yes")


def test_answer_for_what_is_not_upgraded_or_not_known() -> None:
    assert first("django", "9") == "Not known here."
    assert first("django", "0.9") == "Yes. Support has ended."
    assert first("django", "6.2") == "Not released yet."
    assert first("django", "5.2.1", installed=False) == "Security fixes only."


def test_answer_with_extended_support_that_is_not_free() -> None:
    ubuntu = first("ubuntu", "20.04")
    assert ubuntu.startswith("Yes, unless you have ")
    assert "Support ended on 31 May 2025." in ubuntu
