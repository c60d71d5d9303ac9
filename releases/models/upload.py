"""Product files that somebody uploaded, kept until they are taken in or thrown away."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models


class Upload(models.Model):
    """What one person uploaded at once; only they see it, and it is looked at before any of it is
    written to the catalogue. Worker processes share nothing but the database, so it waits here."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    uploaded_at = models.DateTimeField(auto_now_add=True)
    files = models.JSONField(help_text="The text of each product file by its name.")

    objects: ClassVar[models.Manager[Upload]] = models.Manager()

    def __str__(self) -> str:
        return f"{len(self.files)} files of {self.user}"
