"""Development settings that ignore the environment variables of this machine.

This is a module because pytest-django loads the settings before conftest.py runs.
"""

import os

os.environ["DEBUG"] = "1"

from config.settings import *  # noqa: F403

# Otherwise every test client would scan the files collected there.
STATIC_ROOT = None  # type: ignore[assignment]

# The default hasher takes 0.3 s per hash, and most admin tests create a user.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# Mail of tests is kept in `django.core.mail.outbox`.
MAILERS = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}

DEVELOPMENT_DATABASE = DATABASES["default"]["NAME"]  # noqa: F405
"""The name of the database that no test may touch."""
