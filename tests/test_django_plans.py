"""Every plan of the bundled Django, compared with an independent exhaustive search."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from releases.domain.upgrade.compatibility import read_column
from releases.domain.upgrade.planner import Beside, Plan, plan
from releases.domain.upgrade.route import Ladder, ladder
from releases.domain.upgrade.rules import RuleKind, UpgradeRule, read_rule
from releases.domain.upgrade.rules import planned as planned_cycle
from releases.formats.product_files.parser import read_product
from releases.formats.product_files.records import CycleRecord, ProductRecord
from releases.formats.product_files.upgrade_rules import read_upgrade_rule
from releases.services.imports.import_products import BUNDLED
from releases.services.imports.upgrade_rules import BUNDLED_RULES
from tests.conftest import ON


@cache
def bundled(name: str) -> ProductRecord:
    return read_product((BUNDLED / f"{name}.md").read_text(encoding="utf-8"), name)


@cache
def rule() -> UpgradeRule:
    return read_rule(read_upgrade_rule((BUNDLED_RULES / "django.md").read_text(encoding="utf-8")))


@cache
def django() -> list[CycleRecord]:
    """Return the cycles of Django, oldest first."""
    return rule().in_order(bundled("django").cycles)


NAMES = [cycle.name for cycle in django()]
RELEASED = [cycle.name for cycle in django() if not planned_cycle(cycle, ON)]


@cache
def python() -> Ladder[Any]:
    return ladder(UpgradeRule(RuleKind.ANY), bundled("python").cycles, ON)


@cache
def column() -> Any:
    """Return the Pythons of each cycle. Those of a planned one are not final."""
    texts = [(each.name, each.custom.get("supportedPythonVersions", "")) for each in django()]
    coming = {each.name for each in django() if planned_cycle(each, ON)}
    read = read_column(texts[::-1])
    return {name: says.open_ended() if name in coming else says for name, says in read.items()}


def planned(start: str, target: str, runtime: str) -> Plan:
    by_name = {cycle.name: cycle for cycle in django()}
    stops = ladder(rule(), django(), ON, by_name[start], by_name[target])
    return plan(stops, Beside(python(), column(), runtime, "1.11"))


def works(stop: str, runtime: str) -> bool:
    return stop not in column() or column()[stop].allows(runtime)


def ends(start: str, runtime: str) -> dict[str, dict[str, int]]:
    """Return the least number of steps to each pair, by stop and Python.

    Each stop follows the one before it; Python gets newer on the way, and changes to version 3 on
    Django 1.11 only. A whole layer is searched before the next one.
    """
    pythons = list(python().names)
    layer = {runtime: 0} if works(start, runtime) else {}
    found: dict[str, dict[str, int]] = {}
    for stop in NAMES[NAMES.index(start) :]:
        layer = {each: steps for each, steps in layer.items() if works(stop, each)}
        here = dict(layer)
        for old, steps in layer.items():
            for new in pythons[pythons.index(old) + 1 :]:
                ported = stop == "1.11" or old[0] == new[0]
                if works(stop, new) and ported:
                    here[new] = min(steps + 1, here.get(new, steps + 1))
        found[stop] = here
        layer = {each: steps + 1 for each, steps in here.items()}
    return found


@pytest.mark.parametrize("start", RELEASED)
def test_plans_of_all_targets_and_pythons(start: str) -> None:
    """They have the least number of steps of all that end on a Python with the longest support."""
    until = dict(zip(python().names, python().until, strict=True))
    for runtime in python().names:
        layers = ends(start, runtime)
        given = works(start, runtime)
        for target in NAMES[NAMES.index(start) :]:
            found = planned(start, target, runtime)
            if not given:
                # Nothing is recorded of a Python that came later.
                assert found.obstacle or column()[start].precedes(runtime)
                continue
            reached = layers[target]
            assert (found.obstacle is None) == bool(reached), (start, target, runtime)
            if not reached:
                continue
            supported = {each for each in reached if until[each] != min(until.values())}
            least = min(reached[each] for each in supported or reached)
            best = [each for each in supported or reached if reached[each] == least]
            assert len(found.steps) == least, (start, target, runtime)
            assert until[found.end.runtime] == max(until[each] for each in best)
            assert all(works(step.state.cycle, step.state.runtime) for step in found.steps)
