"""A limit on what a worker draws at a time."""

from __future__ import annotations

import threading
from typing import Final

from django.conf import settings

card_places: Final = threading.BoundedSemaphore(max(1, settings.WEB_THREADS // 2))
"""Half of the threads of a worker draw cards, which takes about 80 ms of processor time;
the others are free for pages."""
