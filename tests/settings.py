"""The settings of a development machine, whatever the variables of this one say.

A module, as pytest-django loads the settings before the first line of conftest.py runs.
"""

import os

os.environ["DEBUG"] = "1"

from config.settings import *  # noqa: F403

# What was collected there once is nothing to read in again for each client of a test.
STATIC_ROOT = None  # type: ignore[assignment]

# A hash of the default hasher takes 0.3 s, and most tests of the admin create a user.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

DEVELOPMENT_DATABASE = DATABASES["default"]["NAME"]  # noqa: F405
"""The name of the database that no test may touch."""
