"""Parser and writer for upgrade rules: a key of product files, and files of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from releases.domain import limits
from releases.domain.upgrade.rules import (
    RULE_DEFAULTS,
    RULE_LISTS,
    Basis,
    RuleKind,
    Strength,
    rule_problems,
)
from releases.formats.errors import FormatError
from releases.formats.product_files.fields import Field, ProblemLog
from releases.formats.product_files.front_matter import read_front_matter

RULE_KEYS: Final = {
    name: name.replace("_on", "On").replace("max_step", "maxStep") for name in RULE_DEFAULTS
}
"""The key of each value of a rule."""

_CHOICES: Final = {"kind": RuleKind, "strength": Strength, "basis": Basis, "others": RuleKind}
_ADDRESSES: Final = ("guide", "source")


def read_upgrade_rule(text: str) -> dict[str, Any]:
    """Return the values of the rule in a file of its own.

    Raises:
        FormatError: Lists everything that is wrong.
    """
    source = read_front_matter(text)
    log = ProblemLog(source)
    values = read_rule_values(Field(source.data, (), log))
    if log.problems:
        raise FormatError(log.problems)
    return values


def read_rule_values(rule: Field) -> dict[str, Any]:
    """Return the values of a rule by name, as `RULE_DEFAULTS` has them. Problems go to the log."""
    if rule.value is None:
        return dict(RULE_DEFAULTS)
    if not isinstance(rule.value, dict):
        rule.note("Expected keys and values (kind: any).")
        return dict(RULE_DEFAULTS)
    for key in rule.value:
        if key not in RULE_KEYS.values():
            rule[key].note(f"Expected one of {', '.join(RULE_KEYS.values())}.")
    values = {name: _value(name, rule[key]) for name, key in RULE_KEYS.items()}
    for name, message in rule_problems(values).items():
        rule[RULE_KEYS[name]].note(message)
    return values


def rule_keys(rule: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keys of a rule with their values, without those that are empty."""
    keys = {}
    for name, key in RULE_KEYS.items():
        value = rule.get(name, RULE_DEFAULTS[name])
        if value != RULE_DEFAULTS[name]:
            keys[key] = value.splitlines() if name in RULE_LISTS else value
    return keys


def _value(name: str, field: Field) -> Any:
    if name in _CHOICES:
        return "" if field.value in (None, "") else (field.choice(_CHOICES[name]) or "")
    if name in RULE_LISTS:
        return "\n".join(filter(None, (item.text().strip() for item in field.items())))
    if name in _ADDRESSES:
        return field.address()
    if name == "checked_on":
        return field.day()
    if name == "max_step":
        number = field.number()
        return RULE_DEFAULTS[name] if number is None else number
    return field.text(limits.NAME if name == "port_on" else limits.LINE).strip()
