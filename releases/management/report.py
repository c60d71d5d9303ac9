"""What the commands say of products that came in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from releases.services.imports.import_run import Outcome, Result
from releases.services.imports.merge import MergeEffect


def report(
    command: BaseCommand,
    outcomes: Iterable[Outcome],
    *,
    total: int,
    noun: str,
    dry_run: bool,
    verbosity: int,
) -> None:
    """Writes lines as products come in, behind a progress bar, and a summary of all.

    Raises `CommandError` if some could not be taken in.
    """
    done = []
    # disable=None: a bar on a terminal, nothing elsewhere.
    with tqdm(total=total, unit="product", disable=None, leave=False) as bar:
        for outcome in outcomes:
            done.append(replace(outcome, effect=MergeEffect()))  # the values of all would be many
            with bar.external_write_mode():
                for line in lines_of(outcome, verbosity=verbosity):
                    command.stdout.write(line)
            bar.update()
    command.stdout.write(summary(done, noun, dry_run=dry_run))
    if any(outcome.result is Result.FAILED for outcome in done):
        message = f"Some {noun}s could not be imported; the lines above say why."
        raise CommandError(message)


def lines_of(outcome: Outcome, *, verbosity: int) -> list[str]:
    """What there is to say of one product."""
    lines = [f"{outcome.place}: {problem}" for problem in outcome.problems]
    lines += [f"{outcome.place}: warning: {warning}" for warning in outcome.warnings]
    name = outcome.product
    if outcome.note:
        lines.append(f"{name}: {outcome.result}, {outcome.note}")
    elif outcome.result is not Result.FAILED and (
        verbosity > 1 or outcome.result is not Result.UNCHANGED
    ):
        fields = f" ({', '.join(outcome.changes)})" if outcome.changes else ""
        lines.append(f"{name}: {outcome.result}{fields}")
    if outcome.local_edits:
        lines.append(f"{name}: kept as edited here: {', '.join(outcome.local_edits)}")
    return lines


def summary(outcomes: list[Outcome], noun: str, *, dry_run: bool) -> str:
    """All of them in one line; `noun` is what was read."""
    counts = Counter(outcome.result for outcome in outcomes)
    kept = sum(1 for outcome in outcomes if outcome.local_edits)
    parts = [f"{counts[result]} {result}" for result in Result]
    parts.insert(2, f"{kept} kept in part")
    number = f"{len(outcomes)} {noun}{'' if len(outcomes) == 1 else 's'}"
    return f"{number}: {', '.join(parts)}.{' Nothing was written (dry run).' if dry_run else ''}"
