"""Uploaded product files that await their import or discard."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models


class Upload(models.Model):
    """The files of one upload, stored for a preview before their import.

    Only the user who uploaded them sees them. They are in the database because worker processes
    share nothing else.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    uploaded_at = models.DateTimeField(auto_now_add=True)
    files = models.JSONField(help_text="The text of each product file by its name.")

    objects: ClassVar[models.Manager[Upload]] = models.Manager()

    def __str__(self) -> str:
        return f"{len(self.files)} files of {self.user}"
