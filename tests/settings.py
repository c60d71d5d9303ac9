"""The settings of a development machine, whatever the variables of this one say.

A module, as pytest-django loads the settings before the first line of conftest.py runs.
"""

import os

os.environ["DEBUG"] = "1"

from config.settings import *  # noqa: F403

# What was collected there once is nothing to read in again for each client of a test.
STATIC_ROOT = None  # type: ignore[assignment]
