"""A plan for other places: a checklist in Markdown, data, a calendar."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, time
from textwrap import indent
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from icalendar import Calendar

from releases.domain.lifecycle.milestones import MilestoneValue, PartialDate, format_milestone
from releases.domain.lifecycle.status import Status, status_on
from releases.domain.lifecycle.words import one_line
from releases.domain.upgrade.tasks import Task
from releases.presentation.calendar_files import all_day, new_calendar, precision_words
from releases.presentation.upgrade.plan import Note, PlanStep, UpgradePlan

_MARKUP: Final = re.compile(r"([\\`*_\[\]<>#|~&@])")


# ---- checklist -----------------------------------------------------------------------------------


def checklist(plan: UpgradePlan, address: str) -> str:
    """The plan in Markdown, to paste into an issue: every task is a box to tick. `address` is that
    of its page."""
    return "\n".join(_lines(plan, address)) + "\n"


def _lines(plan: UpgradePlan, address: str) -> Iterator[str]:
    yield f"# Upgrade {plain(plan.name)}"
    yield f"\n{plain(plan.summary)} {plain(plan.standing)}"
    yield f"\nThe plan of {PartialDate(plan.query.on)}: <{address}>"
    if plan.data.old:
        yield f"\nIt is made from {plan.data.words}: newer releases may be missing."
    if plan.gains:
        yield "\n## What it buys\n"
        for gain in plan.gains:
            yield f"- {plain(gain.name)}: supported until {plain(gain.until.text)}; {gain.words}"
    if plan.steps:
        yield "\n## Before you start\n"
        yield from _notes(plan.notes)
        yield from map(_task, plan.first_tasks)
    for step in plan.steps:
        yield from _step(step)


def _step(step: PlanStep) -> Iterator[str]:
    yield f"\n## {step.number}. {plain(f'{step.title} {step.beside}')}\n"
    facts = [
        step.lts,
        f"latest release {step.cycle.latest}" if step.cycle.latest else "",
        f"released {step.released.text}" if step.released.text else "",
        f"{step.until_words} {step.until.text}".strip(),
    ]
    yield f"{plain('; '.join(filter(None, facts)))}\n"
    if step.skips:
        yield f"This skips {plain(', '.join(step.skips))}: read their release notes, too.\n"
    if step.needs:
        yield f"{plain(step.needs)}\n"
    yield from _notes(step.notes)
    yield from map(_task, step.tasks)


def _task(task: Task) -> str:
    text = f"[{plain(task.text)}](<{task.link}>)" if task.link else plain(task.text)
    return f"- [ ] {text}{f' `{task.command}`' if task.command else ''}"


def _notes(notes: Iterable[Note]) -> Iterator[str]:
    for note in notes:
        yield f"> **{plain(note.row.title)}** ({note.row.severity})"
        if note.row.text:
            yield f">\n{indent(note.row.text, '> ', lambda line: True)}"
        yield ""


def plain(text: str) -> str:
    """A text of the catalogue as Markdown that shows it as it is, on one line."""
    return _MARKUP.sub(r"\\\1", one_line(text))


# ---- data ----------------------------------------------------------------------------------------


def plan_data(plan: UpgradePlan) -> dict[str, Any]:
    """The plan as JSON has it; dates are texts, as exactly as they are known."""
    return {
        "product": plan.product.name,
        "runtime": plan.runtime.name if plan.runtime else None,
        "on": plan.query.on.isoformat(),
        "data_as_of": plan.data.as_of and plan.data.as_of.isoformat(),
        "data_is_old": plan.data.old,
        "every": plan.query.every.value,
        "summary": plan.summary,
        "obstacle": plan.obstacle or None,
        "start": {"cycle": plan.begins.cycle, "runtime": plan.begins.runtime or None},
        "end": {"cycle": plan.ends.cycle, "runtime": plan.ends.runtime or None},
        "before": [asdict(task) for task in plan.first_tasks],
        "notes": [_note_data(note) for note in plan.notes],
        "steps": [_step_data(step) for step in plan.steps],
        "time_plan": [
            {
                "cycle": gain.bought.cycle.name,
                "supported_until": format_milestone(gain.bought.end) or None,
                "months": gain.bought.months,
            }
            for gain in plan.gains
        ],
    }


def _step_data(step: PlanStep) -> dict[str, Any]:
    cycle = step.cycle
    return {
        "number": step.number,
        "upgrades": step.product.name,
        "from": step.before,
        "to": cycle.name,
        "beside": step.beside,
        "latest": cycle.latest or None,
        "release_notes": step.latest_link or None,
        "released": format_milestone(cycle.release) or None,
        "supported_until": format_milestone(cycle.lifecycle.supported_until) or None,
        "status": status_on(cycle.lifecycle, step.on).value,
        "lts": bool(step.lts),
        "skips": list(step.skips),
        "needs": step.needs or None,
        "tasks": [asdict(task) for task in step.tasks],
        "notes": [_note_data(note) for note in step.notes],
    }


def _note_data(note: Note) -> dict[str, str]:
    row = note.row
    return {"key": row.key, "title": row.title, "text": row.text, "severity": row.severity}


# ---- calendar ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PlanDay:
    """A day of a plan: what happens on it, and to what."""

    subject: str
    words: str
    day: PartialDate


def plan_days(plan: UpgradePlan) -> list[PlanDay]:
    """The days that a plan has to do with, in their order: when what runs now ends, when each stop
    does, and when the target comes out, if it is not out yet."""
    label = plan.product.label
    days = list(_ends(f"{label} {plan.start.name}", plan.start.lifecycle.supported_until))
    for gain in plan.gains:
        days += _ends(gain.name, gain.bought.end)
    for product, cycle in plan.last_cycles():
        days += _ends(f"{product.label} {cycle.name}", cycle.lifecycle.supported_until)
    release = plan.target.release
    planned = status_on(plan.target.lifecycle, plan.query.on) is Status.PLANNED
    if planned and isinstance(release, PartialDate):
        days.append(PlanDay(f"{label} {plan.target.name}", "release", release))
    return sorted(dict.fromkeys(days), key=lambda each: (each.day.date, each.subject))


def _ends(subject: str, end: MilestoneValue) -> Iterator[PlanDay]:
    if isinstance(end, PartialDate):
        yield PlanDay(subject, "end of support", end)


def plan_calendar(plan: UpgradePlan, address: str) -> Calendar:
    """The days of a plan as events that last all day. `address` is that of its page."""
    calendar = new_calendar(f"Upgrade {plan.name}")
    stamp = datetime.combine(plan.query.today, time(), UTC)
    for each in plan_days(plan):
        event = all_day(each.day.date)
        event.add("uid", str(uuid5(NAMESPACE_URL, f"{address} {each.subject} {each.words}")))
        event.add("dtstamp", stamp)
        event.add("summary", one_line(f"{each.subject}: {each.words}"))
        event.add("description", one_line(f"{plan.summary}{precision_words(each.day)}"))
        event.add("url", address)
        calendar.add_component(event)
    return calendar
