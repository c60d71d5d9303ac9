"""The output of the commands that import products."""

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
    """Write lines for each imported product below a progress bar, and a summary at the end.

    Args:
        command: The command that writes them.
        outcomes: The results of the import, which runs while they are read.
        total: The number of products, for the progress bar.
        noun: The word for one source in the summary: "file" or "product".
        dry_run: True if nothing was written, which the summary states.
        verbosity: From 2, list unchanged products, too.

    Raises:
        CommandError: Some products could not be imported.
    """
    done = []
    # disable=None: the bar is shown on a terminal only.
    with tqdm(total=total, unit="product", disable=None, leave=False) as bar:
        for outcome in outcomes:
            # Without the changed values, which would take memory for every product.
            done.append(replace(outcome, effect=MergeEffect()))
            with bar.external_write_mode():
                for line in lines_of(outcome, verbosity=verbosity):
                    command.stdout.write(line)
            bar.update()
    command.stdout.write(summary(done, noun, dry_run=dry_run))
    if any(outcome.result is Result.FAILED for outcome in done):
        message = f"Some {noun}s could not be imported; the lines above say why."
        raise CommandError(message)


def lines_of(outcome: Outcome, *, verbosity: int) -> list[str]:
    """Return the lines to print for one product."""
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
        lines.append(f"{name}: local edits kept: {', '.join(outcome.local_edits)}")
    return lines


def summary(outcomes: list[Outcome], noun: str, *, dry_run: bool) -> str:
    """Return the numbers of products by result as one sentence."""
    counts = Counter(outcome.result for outcome in outcomes)
    kept = sum(1 for outcome in outcomes if outcome.local_edits)
    parts = [f"{counts[result]} {result}" for result in Result]
    parts.insert(2, f"{kept} kept in part")
    number = f"{len(outcomes)} {noun}{'' if len(outcomes) == 1 else 's'}"
    return f"{number}: {', '.join(parts)}.{' Nothing was written (dry run).' if dry_run else ''}"
