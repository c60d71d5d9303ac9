"""The HTML of e-mails, in both themes and on the smallest phone."""

from __future__ import annotations

from datetime import date
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe

from releases.delivery.mail import mail_of
from releases.domain.lifecycle.milestones import PartialDate
from releases.domain.reminders.news import NewsKind
from releases.models import MessagePurpose
from tests.browser.conftest import NewPage
from tests.reminders import NOW, make_message, news

END = news(NewsKind.END, milestone="eol", day=PartialDate(date(2026, 12, 21)))
LONG = news(cycle="1" * 60, title=f"Django {'1' * 60}")


@pytest.mark.usefixtures("transactional_db")
@pytest.mark.parametrize("purpose", MessagePurpose)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_email_can_be_read(
    new_page: NewPage, purpose: MessagePurpose, scheme: Literal["light", "dark"]
) -> None:
    """It asks the network for nothing, which would fail the test, and has no second scroll bar."""
    told = (END, LONG) if purpose == MessagePurpose.NEWS else ()
    [html] = mail_of(make_message(*told, purpose=purpose), NOW).alternatives
    page = new_page(width=320, color_scheme=scheme)
    page.route("**/*", lambda route: route.abort())
    page.set_content(str(html[0]))
    assert Axe().run(page).violations_count == 0
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (background == "rgb(255, 255, 255)") == (scheme == "light")
