"""Uploaded product files that wait to be imported or discarded."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models


class Upload(models.Model):
    """The files that a user uploaded at once, for a preview before they are imported.

    Only that user sees them. Worker processes share nothing but the database, so they wait here.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    uploaded_at = models.DateTimeField(auto_now_add=True)
    files = models.JSONField(help_text="The text of each product file by its name.")

    objects: ClassVar[models.Manager[Upload]] = models.Manager()

    def __str__(self) -> str:
        return f"{len(self.files)} files of {self.user}"
