"""Sentences of a verdict: headlines, and the reasons with their dates."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from releases.domain.lifecycle.milestones import MilestoneValue, PartialDate
from releases.domain.lifecycle.status import (
    Lifecycle,
    Status,
    is_lts,
    next_end,
    status_on,
    support_ended_on,
)
from releases.domain.lifecycle.words import (
    count,
    in_or_on,
    kind_of_support,
    lower_first,
    support_ended,
    time_left,
    unless,
    what_continues,
)
from releases.domain.upgrade.time_plan import is_over, months_bought
from releases.domain.upgrade.verdict import OVER, Answer, Cycle, Verdict, is_pre_release

HEADLINES: Final = {
    Answer.UNSUPPORTED: "Upgrade now",
    Answer.ENDS_SOON: "Plan the upgrade now",
    Answer.SECURITY_ONLY: "Security fixes only",
    Answer.PATCH: "Take the patch",
    Answer.NEWER: "No need to upgrade yet",
    Answer.UP_TO_DATE: "You are up to date",
    Answer.PLANNED: "Not released yet",
    Answer.UNKNOWN: "Not known here",
}

NOT_INSTALLED_HEADLINES: Final = {
    Answer.UNSUPPORTED: "No longer supported",
    Answer.ENDS_SOON: "Support ends soon",
    Answer.UP_TO_DATE: "Supported",
}
"""The headlines that differ for a product that is never upgraded."""


def headlines(verdict: Verdict[Cycle], on: date) -> tuple[str, ...]:
    """Return the headlines of a verdict: one line, or two if a patch is also recommended."""
    if verdict.cycle is not None and verdict.answer is Answer.EXTENDED_ONLY:
        life = verdict.cycle.lifecycle
        return (
            f"{kind_of_support(life)} has ended",
            *([unless(life)] if verdict.installed else []),
        )
    words = HEADLINES | ({} if verdict.installed else NOT_INSTALLED_HEADLINES)
    if verdict.cycle is not None and verdict.answer is Answer.EXTENDED:
        first = _extended_support(verdict.cycle.lifecycle)
    else:
        first = words[verdict.answer]
    if verdict.data.old and verdict.installed and verdict.answer is Answer.UP_TO_DATE:
        first = f"No newer release known here; {verdict.data.words}"
    days = verdict.days_left(on)
    if verdict.answer is Answer.ENDS_SOON and days is not None:
        first = f"{first}: {_days_left(days)}"
    patch = f"{HEADLINES[Answer.PATCH]}: {verdict.latest}"
    if verdict.answer is Answer.PATCH:
        return (patch,)
    if verdict.behind and verdict.answer not in (Answer.UNSUPPORTED, Answer.PLANNED):
        return first, patch
    return (first,)


def instruction(verdict: Verdict[Cycle], on: date) -> str:
    """Return what to do as one sentence, such as `Upgrade to 6.1 by 31 Dec 2026.`."""
    if not verdict.installed or verdict.cycle is None or verdict.answer is Answer.PLANNED:
        return f"{headlines(verdict, on)[0]}."
    if verdict.answer is Answer.ENDS_SOON:
        return _instruction_before_end(verdict, on)
    if verdict.answer is Answer.UNSUPPORTED:
        return (
            f"{_upgrade(verdict, on)} now."
            if verdict.newer
            else "Replace it: no newer release cycle is supported."
        )
    if verdict.answer is Answer.EXTENDED_ONLY:
        name = verdict.cycle.lifecycle.extended.name
        return f"{_upgrade(verdict, on)}, unless you have {name}."
    if verdict.behind:
        return f"Install the patch {verdict.latest}."
    if verdict.answer is Answer.UP_TO_DATE:
        return f"{headlines(verdict, on)[0]}." if verdict.data.old else "Nothing to do."
    extended = verdict.answer is Answer.EXTENDED
    return f"{headlines(verdict, on)[0]}." if extended else "Nothing to do yet."


def _instruction_before_end(verdict: Verdict[Cycle], on: date) -> str:
    steps = [f"Install the patch {verdict.latest}"] if verdict.behind else []
    if verdict.newer:
        steps.append(f"{_upgrade(verdict, on)}{f' by {verdict.end}' if verdict.end else ' soon'}")
    if not steps:
        return f"Support ends {in_or_on(verdict.end) if verdict.end else 'soon'}."
    return f"{', then '.join([steps[0], *map(lower_first, steps[1:])])}."


def _upgrade(verdict: Verdict[Cycle], on: date) -> str:
    if verdict.newer is None:
        return "Upgrade"
    lts = " LTS" if is_lts(verdict.newer.lifecycle, on) else ""
    return f"Upgrade to {verdict.newer.name}{lts}"


NO_NEED: Final = "No need to upgrade."


def answer_sentences(verdict: Verdict[Cycle], product: str, on: date) -> tuple[str, ...]:
    """Return the answer to "Should I upgrade?" with its reason: yes or no comes first.

    For example `Yes.` and `Support ended on 7 Apr 2026.` A version that is never upgraded, not
    released or not known has its headlines instead. `product` is the label of the product.
    """
    cycle, due = verdict.cycle, verdict.should_upgrade
    if due is None:
        return tuple(f"{line}." for line in headlines(verdict, on))
    if cycle is None:
        return "Yes.", "Support has ended."
    life = cycle.lifecycle
    if verdict.answer in OVER:
        return _over_sentences(verdict, life, product, on)
    install = f"Install the patch {verdict.latest}."
    if due:
        days = verdict.days_left(on)
        left = f": {_days_left(days)}" if days is not None else ""
        ends = (
            f"Support ends {in_or_on(verdict.end)}{left}." if verdict.end else "Support ends soon."
        )
        return "Yes.", ends, *([install] if verdict.behind else [])
    if verdict.behind:
        return NO_NEED, install
    if verdict.data.old and verdict.newer is None:
        return NO_NEED, f"No newer release known here; {verdict.data.words}."
    return NO_NEED, _supported_sentence(verdict, life, on)


def _over_sentences(
    verdict: Verdict[Cycle], life: Lifecycle, product: str, on: date
) -> tuple[str, ...]:
    ended = support_ended_on(life, on)
    over = f"Support ended {in_or_on(ended)}." if ended else "Support has ended."
    if not (verdict.newer or verdict.lts):
        return over, f"No newer {product} is supported."
    if verdict.answer is Answer.EXTENDED_ONLY:
        return f"Yes, unless you have {life.extended.name}.", over
    return "Yes.", over


def _supported_sentence(verdict: Verdict[Cycle], life: Lifecycle, on: date) -> str:
    """Return the support of a cycle that needs no upgrade, compared with the newest one."""
    assert verdict.cycle is not None
    status, newer = status_on(life, on), verdict.newer
    long_term = " LTS" if is_lts(life, on) else ""
    what = "support" if status is Status.ACTIVE else "security fixes"
    if status not in (Status.ACTIVE, Status.SECURITY):
        what = life.extended.name
    end = life.supported_until
    words = f"{verdict.cycle.name}{long_term} gets {what} {_until(end)}"
    if newer and isinstance(end, PartialDate):
        other = newer.lifecycle.supported_until
        if isinstance(other, PartialDate) and other.date < end.date:
            words += f", longer than {newer.name}"
    return f"{words}."


def reasons(verdict: Verdict[Cycle], product: str, on: date) -> list[str]:
    """Return the reasons for a verdict as sentences: status, patch and newer cycles.

    `product` is the label of the product.
    """
    if verdict.cycle is None:
        return list(_unknown_reasons(verdict, product))
    return [
        *_line_reasons(verdict, product),
        standing(full_name(product, verdict.cycle, on), verdict.cycle.lifecycle, on),
        *_extended_reasons(verdict, verdict.cycle.lifecycle, on),
        *_patch_reasons(verdict),
        *_target_reasons(verdict, product, on),
        *_data_age_reasons(verdict),
    ]


def full_name(product: str, cycle: Cycle, on: date) -> str:
    """Return the full name of a cycle: `Django 5.2 LTS`."""
    return f"{product} {cycle.name}{' LTS' if is_lts(cycle.lifecycle, on) else ''}"


def standing(name: str, life: Lifecycle, on: date) -> str:
    """Return the status of a cycle as a sentence.

    For example `Django 5.2 gets security fixes only, until 30 Apr 2028 (17 months left).`
    """
    status = status_on(life, on)
    if status is Status.PLANNED:
        if isinstance(life.release, PartialDate):
            return f"{name} is planned for {life.release}."
        return f"{name} is planned; no date is announced."
    if status is Status.END_OF_LIFE:
        ended = support_ended_on(life, on)
        if ended is None:
            return f"{name} is no longer supported; since when is not known."
        return f"Support of {name} ended {in_or_on(ended)}."
    if status is Status.EXTENDED:
        return f"{support_ended(life, on, name)}. {what_continues(life)}."
    return f"{name} gets {support(life, on)}{_left(life, status, on)}."


def support(life: Lifecycle, on: date) -> str:
    """Return the support of a cycle from `on` on, with its ends.

    For example `active support until 30 Apr 2027 and security fixes until 31 Dec 2027`. The cycle
    must be supported on `on`.
    """
    status = status_on(life, on)
    if status in (Status.FREE_EXTENDED, Status.EXTENDED):
        return f"{life.extended.name} {_until(life.eoes)}"
    if status is Status.SECURITY:
        return f"security fixes only, {_until(life.support_end)}"
    if next_end(life, on) in (life.support_end, None) or not isinstance(life.eoas, PartialDate):
        return f"support {_until(life.support_end)}"
    return f"active support {_until(life.eoas)} and security fixes {_until(life.eol)}"


def one_of(names: tuple[str, ...]) -> str:
    """Return names as alternatives: `5.2, 5.1 or 5.0`."""
    *others, last = names
    return f"{', '.join(others)} or {last}" if others else last


def newest_supported(names: tuple[str, ...]) -> str:
    """Return the sentence for a version that resembles no cycle.

    For example `The newest supported ones are 6.1, 6.0.`
    """
    if len(names) == 1:
        return f"The only supported one is {names[0]}."
    return f"The newest supported ones are {', '.join(names)}."


def _line_reasons(verdict: Verdict[Cycle], product: str) -> Iterator[str]:
    """Yield how the cycle was chosen, if the version alone does not show it."""
    if verdict.cycle is None or not verdict.line:
        return
    if verdict.moving:
        yield (
            f"{verdict.line} moves with the newest release of its line, which is {product}"
            f" {verdict.cycle.name}."
        )
    else:
        yield (
            f"“{verdict.line}” stands for several release cycles of {product}, and all of them have"
            f" ended. The last one was {verdict.cycle.name}."
        )


def _unknown_reasons(verdict: Verdict[Cycle], product: str) -> Iterator[str]:
    if verdict.older:
        yield f"{verdict.version} is older than every release of {product} that is recorded here."
        if verdict.answer is Answer.UNSUPPORTED:
            yield "The oldest one recorded here is no longer supported."
    elif verdict.ahead:
        yield f"{verdict.version} is newer than every release of {product} that is out."
    else:
        yield f"No release of {product} that is known here is called “{verdict.text}”."
    if verdict.meant:
        yield f"Did you mean {one_of(verdict.meant)}?"
    elif verdict.known:
        yield newest_supported(verdict.known)


def _extended_reasons(verdict: Verdict[Cycle], life: Lifecycle, on: date) -> Iterator[str]:
    if status_on(life, on) is not Status.EXTENDED:
        return
    if verdict.accepted:
        yield f"You have {life.extended.name}."
    elif verdict.installed:
        yield f"{unless(life)}."


def _extended_support(life: Lifecycle) -> str:
    """Return extended support with its end: `LTS until 30 Jun 2028`."""
    dated = isinstance(life.eoes, PartialDate)
    return f"{life.extended.title}{f' until {life.eoes}' if dated else ', no end announced'}"


def _patch_reasons(verdict: Verdict[Cycle]) -> Iterator[str]:
    if verdict.answer is Answer.PLANNED or not verdict.latest:
        return
    if verdict.ahead:
        yield f"{verdict.version} is newer than {verdict.latest}, its latest release known here."
    elif verdict.behind and verdict.answer in OVER:
        yield f"Its last release is {verdict.latest}: take that first, and go on from there."
    elif verdict.behind:
        yield f"{_latest(verdict)}{_missed_releases(verdict)}"
        if verdict.patches_only_fix:
            yield "Take the latest patch: by the product's policy it changes nothing else."
    elif verdict.maybe_behind:
        policy = ": by the product's policy a patch changes nothing else"
        if_older = f"If you run an older one, take it{policy if verdict.patches_only_fix else ''}."
        yield f"{_latest(verdict)} {if_older}"
    elif verdict.installed and verdict.answer not in OVER:
        known = " known here" if verdict.data.old else ""
        yield f"{verdict.latest} is its latest release{known}."


def _latest(verdict: Verdict[Cycle]) -> str:
    known = " known here" if verdict.data.old else ""
    return f"Its latest release{known} is {verdict.latest}."


def _data_age_reasons(verdict: Verdict[Cycle]) -> Iterator[str]:
    """Yield the age of the data, unless support is over: more data would not change that."""
    if not verdict.data.old or verdict.answer in OVER:
        return
    if verdict.data.as_of:
        day = PartialDate(verdict.data.as_of)
        yield f"The data is as of {day}: what was released or announced since is not known here."
    else:
        yield "It is not known how old the data is: newer releases may be missing here."


def _missed_releases(verdict: Verdict[Cycle]) -> str:
    if not verdict.missed:
        return ""
    number, newest = len(verdict.missed), verdict.missed[0]
    day = f", of {PartialDate(newest.day)}" if newest.day else ""
    if number == 1:
        return f" You are missing 1 security release: {newest.version}{day}."
    return f" You are missing {number} security releases, the last one {newest.version}{day}."


def _target_reasons(verdict: Verdict[Cycle], product: str, on: date) -> Iterator[str]:
    newer, lts = verdict.newer, verdict.lts
    if verdict.answer is Answer.PLANNED:
        if is_pre_release(verdict.version):
            yield f"Use {verdict.version} for trying out only."
        if newer:
            name = full_name(product, newer, on)
            yield f"Until then use {name}: it gets {support(newer.lifecycle, on)}."
        return
    if newer:
        name = full_name(product, newer, on)
        yield f"The newest is {name}: it gets {_compared(verdict, newer, on)}."
    if lts:
        name = full_name(product, lts, on)
        yield f"For the long term there is {name}: it gets {_compared(verdict, lts, on)}."
    if verdict.answer in OVER and verdict.installed and not (newer or lts):
        yield f"No newer {product} is supported."


def _compared(verdict: Verdict[Cycle], target: Cycle, on: date) -> str:
    """Return the support of a target, and how much longer it is than that of the present cycle."""
    words, present = support(target.lifecycle, on), verdict.cycle
    months = months_bought(present.lifecycle, target.lifecycle, on) if present else None
    if present is None or months is None:
        return words
    if is_over(present.lifecycle, on):
        return f"{words}, {count(months, 'month')} from now"
    if months < 1:
        return f"{words}, no later than {present.name}"
    return f"{words}, {count(months, 'month')} later than {present.name}"


def _until(end: MilestoneValue) -> str:
    return f"until {end}" if isinstance(end, PartialDate) else "without an announced end"


def _left(life: Lifecycle, status: Status, on: date) -> str:
    """Return the time of support that is left; empty if the end is not known to the day."""
    end = life.eoes if status is Status.FREE_EXTENDED else life.support_end
    if not isinstance(end, PartialDate) or end.imprecise:
        return ""
    return f" ({time_left(end.date, on) or 'today is its last day'})"


def _days_left(days: int) -> str:
    return f"{count(days, 'day')} left" if days else "today is its last day"
