"""The queue of background tasks and its tables."""

from __future__ import annotations

from io import StringIO

import pytest
from django.contrib import admin
from django.core.management import call_command
from django_tasks_db.models import DBTaskResult

from releases.delivery.tasks import deliver
from releases.models import Revision
from tests.conftest import NOON


@pytest.mark.django_db
def test_task_waits_in_the_database_and_leaves_the_catalogue_alone() -> None:
    Revision.objects.get_or_create(pk=1)
    before = Revision.objects.get().token
    deliver.enqueue(1, NOON.isoformat())
    assert DBTaskResult.objects.ready().get().args_kwargs["args"] == [1, NOON.isoformat()]
    assert Revision.objects.get().token == before


@pytest.mark.django_db
def test_tasks_have_no_page_in_the_admin() -> None:
    """Their tracebacks may name addresses of subscribers."""
    assert not admin.site.is_registered(DBTaskResult)


@pytest.mark.django_db
def test_dump_of_the_catalogue_has_no_tasks() -> None:
    deliver.enqueue(1, NOON.isoformat())
    output = StringIO()
    call_command("dumpdata", "releases", stdout=output)
    assert "deliver" not in output.getvalue()
