"""Files of upgrade plans: a checklist in Markdown, JSON and a calendar."""

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
from releases.domain.upgrade.planner import State
from releases.domain.upgrade.rules import RuleKind
from releases.domain.upgrade.tasks import Task
from releases.presentation.calendar_files import all_day, new_calendar, precision_words
from releases.presentation.upgrade.plan import Note, PlanStep, UpgradePlan

_MARKUP: Final = re.compile(r"([\\`*_\[\]<>#|~&@])")


# ---- checklist -----------------------------------------------------------------------------------


def checklist(plan: UpgradePlan, address: str) -> str:
    """Return a plan as Markdown with a checkbox for each task, for example for an issue.

    Args:
        plan: The plan.
        address: The absolute URL of its page.
    """
    return "\n".join(_lines(plan, address)) + "\n"


def _lines(plan: UpgradePlan, address: str) -> Iterator[str]:
    yield f"# Upgrade {escape_markdown(plan.name)}"
    yield f"\n{escape_markdown(plan.summary)} {escape_markdown(plan.standing)}"
    yield f"\nThe plan of {PartialDate(plan.query.on)}: <{address}>"
    if plan.data.old:
        yield f"\nIt is made from {plan.data.words}: newer releases may be missing."
    if plan.gains:
        yield "\n## What it buys\n"
        for gain in plan.gains:
            name, until = escape_markdown(gain.name), escape_markdown(gain.until.text)
            yield f"- {name}: supported until {until}; {gain.words}"
    for sentence in (*plan.remarks, *plan.rule_words):
        yield f"\n{escape_markdown(sentence)}"
    for words, link in plan.rule_links:
        yield f"\n{words}: <{link}>"
    if plan.steps:
        yield "\n## Before you start\n"
        yield from _notes(plan.notes)
        yield from map(_task, plan.first_tasks)
        yield "\n## At every step\n"
        yield from map(_routine, plan.routine)
    for step in plan.steps:
        yield from _step(step)


def _step(step: PlanStep) -> Iterator[str]:
    yield f"\n## {step.number}. {escape_markdown(f'{step.title} {step.beside}')}\n"
    facts = [
        step.lts,
        f"latest release {step.cycle.latest}" if step.cycle.latest else "",
        f"released {step.released.text}" if step.released.text else "",
        f"{step.until_words} {step.until.text}".strip(),
    ]
    yield f"{escape_markdown('; '.join(filter(None, facts)))}\n"
    if step.skips:
        skips = escape_markdown(", ".join(step.skips))
        yield f"This skips {skips}: read their release notes, too.\n"
    if step.needs:
        yield f"{escape_markdown(step.needs)}\n"
    yield from _notes(step.notes)
    yield from map(_task, step.tasks)


def _task(task: Task) -> str:
    return f"- [ ] {_words(task)}"


def _routine(task: Task) -> str:
    """Return a task of every step, which no box can tick once."""
    return f"- {_words(task)}"


def _words(task: Task) -> str:
    text = escape_markdown(task.text)
    if task.link:
        text = f"[{text}](<{task.link}>)"
    return f"{text}{f' `{task.command}`' if task.command else ''}"


def _notes(notes: Iterable[Note]) -> Iterator[str]:
    for note in notes:
        yield f"> **{escape_markdown(note.row.title)}** ({note.row.severity})"
        if note.row.text:
            yield f">\n{indent(note.row.text, '> ', lambda line: True)}"
        yield ""


def escape_markdown(text: str) -> str:
    """Escape a text, so that Markdown renders it literally and on one line."""
    return _MARKUP.sub(r"\\\1", one_line(text))


# ---- data ----------------------------------------------------------------------------------------


def plan_data(plan: UpgradePlan) -> dict[str, Any]:
    """Return a plan as data for JSON. Imprecise dates are texts such as `2028-04` or `2028-Q2`."""
    return {
        "product": plan.product.name,
        "runtime": plan.runtime.name if plan.runtime else None,
        "database": plan.database.name if plan.database else None,
        "on": plan.query.on.isoformat(),
        "data_as_of": plan.data.as_of and plan.data.as_of.isoformat(),
        "data_is_old": plan.data.old,
        "every": plan.query.every.value,
        "summary": plan.summary,
        "obstacle": plan.obstacle or None,
        "rule": _rule_data(plan),
        "remarks": plan.remarks,
        "start": _state_data(plan.begins),
        "end": _state_data(plan.ends),
        "at_every_step": [asdict(task) for task in plan.routine],
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


def _state_data(state: State) -> dict[str, str | None]:
    return {name: value or None for name, value in asdict(state).items()}


def _rule_data(plan: UpgradePlan) -> dict[str, Any]:
    rule = plan.rule
    recorded = rule.kind is not RuleKind.NOT_RECORDED
    return {
        "kind": rule.kind.value or None,
        "strength": rule.strength.value if recorded else None,
        "basis": rule.basis.value if recorded else None,
        "words": plan.rule_words,
        "tool": rule.tool or None,
        "guide": rule.guide or None,
        "source": rule.source or None,
        "checked_on": rule.checked_on and rule.checked_on.isoformat(),
    }


def _step_data(step: PlanStep) -> dict[str, Any]:
    cycle = step.cycle
    return {
        "number": step.number,
        "upgrades": step.product.name,
        "kind": step.upgrades.value,
        "from": step.before,
        "to": step.after,
        "beside": step.beside,
        "latest": cycle.latest or None,
        "release_notes": step.notes_link or None,
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
    """An event of a plan: `subject` is the name of a cycle, `words` name the event."""

    subject: str
    words: str
    day: PartialDate


def plan_days(plan: UpgradePlan) -> list[PlanDay]:
    """Return the events of a plan by date, each once.

    These are the ends of support of the start, of each stop and of the final cycles, and the
    release of the target if it is planned.
    """
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
    """Return the events of a plan as a calendar.

    Args:
        plan: The plan.
        address: The absolute URL of its page.
    """
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
