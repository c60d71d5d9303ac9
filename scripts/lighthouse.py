"""Run Lighthouse (mobile) on the site as it runs in production.

.venv/bin/python -m scripts.lighthouse [PATH ...]

Prints the median score of each category over 3 runs, and the audits that fail. `make lighthouse`
installs Lighthouse from npm. Missed scores do not fail the run, because performance varies.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from scripts.bench_page import prepare, say
from scripts.production import CHROMIUM, ROOT, run, serving

COMMAND = ROOT / ".tools/lighthouse/node_modules/.bin/lighthouse"
OPTIONS = (
    "--quiet",
    "--output=json",
    "--no-enable-error-reporting",
    "--only-categories=performance,accessibility,best-practices,seo",
    "--chrome-flags=--headless=new --no-sandbox --disable-gpu",
)
PATHS = ("/", "/django/")
RUNS = 3

Report = dict[str, Any]


def main(paths: list[str]) -> int:
    """Print the results of some paths, or of `PATHS`."""
    if any(not path.startswith("/") for path in paths):
        sys.exit(__doc__)
    if CHROMIUM is None:
        sys.exit("Chromium is not installed.")
    os.environ["CHROME_PATH"] = CHROMIUM
    with tempfile.TemporaryDirectory() as name:
        prepare(Path(name))
        with serving(Path(name)) as port:
            for path in paths or PATHS:
                site = f"http://127.0.0.1:{port}"
                print_results(path, [report_of(site + path) for _ in range(RUNS)])
    return 0


def report_of(address: str) -> Report:
    """Return the report of one run of Lighthouse."""
    report: Report = json.loads(run(str(COMMAND), address, *OPTIONS))
    return report


def print_results(path: str, reports: list[Report]) -> None:
    """Print the median scores of a path, and the audits that fail in any of its reports."""
    print(f"\nLighthouse {reports[0]['lighthouseVersion']}, mobile, {path}\n")
    for title, scores in scores_by_category(reports).items():
        score = median(scores)
        say(f"{title}, median of {len(scores)}", f"{score:.0f}", "100", holds=score == 100)
    for words in sorted({words for report in reports for words in failing_audits(report)}):
        print(f"  {words}")


def scores_by_category(reports: list[Report]) -> dict[str, list[float]]:
    """Return the scores of reports, 0 to 100, by the title of the category."""
    return {
        category["title"]: [each["categories"][key]["score"] * 100 for each in reports]
        for key, category in reports[0]["categories"].items()
    }


def failing_audits(report: Report) -> list[str]:
    """Return the title and id of audits that count towards a score and do not have a full one."""
    counted = [
        audit["id"]
        for category in report["categories"].values()
        for audit in category["auditRefs"]
        if audit["weight"]
    ]
    audits = [report["audits"][name] for name in counted]
    return [
        f"{audit['title']} ({audit['id']})"
        for audit in audits
        if audit["score"] is not None and audit["score"] < 1
    ]


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
