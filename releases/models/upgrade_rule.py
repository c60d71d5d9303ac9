"""The columns of a product that hold its upgrade rule."""

from __future__ import annotations

from typing import Any, Final

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models

from releases.domain import limits
from releases.domain.upgrade.rules import (
    RULE_DEFAULTS,
    Basis,
    RuleKind,
    Strength,
    UpgradeRule,
    read_rule,
    rule_problems,
)

RULE_COLUMNS: Final = {name: f"rule_{name}" for name in RULE_DEFAULTS}
"""The columns of a rule by the name of its values."""

RULE_KINDS: Final = (
    (RuleKind.NOT_RECORDED.value, "no rule recorded"),
    (RuleKind.ANY.value, "any: one step to the target"),
    (RuleKind.EACH_MAJOR.value, "each-major: through every major version"),
    (RuleKind.EACH_CYCLE.value, "each-cycle: through every cycle"),
    (RuleKind.LTS.value, "lts: from LTS to LTS"),
    (RuleKind.NEXT_SUPPORTED.value, "next-supported: to the next cycle that has support"),
    (RuleKind.STOPS.value, "stops: through the required stops"),
    (RuleKind.PARALLEL.value, "parallel: installed anew beside the old one"),
    (RuleKind.NOT_APPLICABLE.value, "not-applicable: nobody upgrades it"),
    (RuleKind.UNKNOWN.value, "unknown: the maker says nothing"),
)
"""The choices of the kind of a rule."""

_web_address = URLValidator(schemes=["http", "https"])


def _choices(kinds: Any) -> list[tuple[str, str]]:
    return [("", "—"), *((kind.value, kind.value) for kind in kinds)]


def _line(name: str, help_text: str = "", limit: int = limits.LINE) -> Any:
    return models.CharField(name, max_length=limit, blank=True, help_text=help_text)


def _lines(name: str, help_text: str) -> Any:
    text = f"One a line. {help_text}"
    return models.TextField(name, max_length=limits.TEXT, blank=True, help_text=text)


def _address(name: str, help_text: str) -> Any:
    return models.URLField(
        name, max_length=limits.URL, blank=True, validators=[_web_address], help_text=help_text
    )


class HasUpgradeRule(models.Model):
    """A product with the columns of its upgrade rule."""

    rule_kind = models.CharField(
        "upgrade rule",
        max_length=16,
        choices=RULE_KINDS,
        default="",
        blank=True,
        help_text="How the maker lets people upgrade. GitLab: stops. Nextcloud: each-major. Ubuntu:"
        " lts. If the maker says nothing, choose unknown: plans then have one step.",
    )
    rule_strength = models.CharField(
        "strength",
        max_length=16,
        choices=_choices(Strength),
        default="",
        blank=True,
        help_text="Required: the maker supports no other way, as for GitLab. Recommended: other"
        " ways work, too.",
    )
    rule_basis = models.CharField(
        "basis",
        max_length=16,
        choices=_choices(Basis),
        default="",
        blank=True,
        help_text="Documented: the page below states it. Inferred: it is usual practice, and the"
        " plan says so.",
    )
    rule_summary = _line(
        "rule in a sentence", "Shown above the plan: <b>Upgrade one major version at a time.</b>"
    )
    rule_fewer = _line(
        "with fewer stops",
        "What the maker says of skipping recommended stops: <b>Skipping LTS releases works, but is"
        " not tested.</b> Empty: not offered.",
    )
    rule_others = models.CharField(
        "cycles without LTS",
        max_length=16,
        choices=[("", "as the others"), (RuleKind.NEXT_SUPPORTED.value, "next supported")],
        default="",
        blank=True,
        help_text="For a rule of the kind lts: a cycle without LTS, such as Ubuntu 25.10, leads to"
        " the next supported one.",
    )
    rule_ladder = _lines(
        "cycles that count",
        "Names or patterns such as <b>*.4</b>; with ! in front, cycles that do not. Empty: all.",
    )
    rule_order = _lines(
        "order",
        "Patterns, oldest first, if versions are in no order: <b>xp</b>, <b>vista</b>, <b>7</b>.",
    )
    rule_lanes = _lines("editions", "Patterns such as <b>*-w</b>: an upgrade stays within one.")
    rule_stops = _lines("required stops", "<b>16.1 at 16.1.8 if NPM packages are in use</b>.")
    rule_paths = _lines("the only ways", "<b>2025 from 2012-r2, 2016</b>.")
    rule_preconditions = _lines(
        "before each step", "What must hold or be done: <b>Background migrations are finished.</b>"
    )
    rule_max_step = models.PositiveSmallIntegerField(
        "longest step",
        default=1,
        help_text="The number of stops that one upgrade may take: 2 if every second one may be"
        " skipped.",
    )
    rule_port_on = _line(
        "runtime is ported on",
        "The cycle on which a project changes to another major version of its runtime:"
        " <b>1.11</b> for Django, from Python 2 to 3.",
        limits.NAME,
    )
    rule_tool = _line("tool or command", "Such as <b>do-release-upgrade</b>.")
    rule_guide = _address(
        "upgrade guide", "The maker's guide: <b>https://docs.gitlab.com/update/</b>"
    )
    rule_source = _address("source", "The page that states the rule, which may be the guide.")
    rule_checked_on = models.DateField(
        "rule checked on",
        null=True,
        blank=True,
        help_text="The day on which you last read that page.",
    )
    imported_rule = models.JSONField(
        null=True,
        editable=False,
        help_text="The rule of the last import: what differs from it was edited here.",
    )

    class Meta:
        abstract = True

    @property
    def rule_values(self) -> dict[str, Any]:
        """The values of the rule by name."""
        return {name: getattr(self, column) for name, column in RULE_COLUMNS.items()}

    @property
    def upgrade_rule(self) -> UpgradeRule:
        return read_rule(self.rule_values)

    def clean(self) -> None:
        super().clean()
        if problems := rule_problems(self.rule_values):
            raise ValidationError({RULE_COLUMNS[name]: text for name, text in problems.items()})
