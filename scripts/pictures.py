"""Take the screenshots of README.md and docs/editing.md, always as of the same date.

.venv/bin/python -m scripts.pictures [FOLDER]

The default folder is docs/. The database is temporary. The pages of the site show the bundled
catalogue, those of the admin some invented edits of it, too. Needs Chromium.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from threading import Thread
from typing import Any, Final
from unittest import mock

import django
from playwright.sync_api import Page, expect, sync_playwright

from scripts.production import CHROMIUM, CHROMIUM_ARGUMENTS, ROOT

NOW: Final = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
"""The time of the first edit; each further one is a second later."""

MAX_BYTES: Final = 200_000
"""Maximum size of a screenshot, exclusive."""

WIDTH: Final = 1060


def main(arguments: list[str]) -> None:
    """Take all screenshots, and check their sizes."""
    if len(arguments) > 1:
        sys.exit(__doc__)
    folder = Path(arguments[0]) if arguments else ROOT / "docs"
    with tempfile.TemporaryDirectory() as name:
        set_up(Path(name))
        with fixed_clock():
            import_catalogue()
            with serving() as address:
                take_site(folder, address)
                add_data()
                take_admin(folder, address, Path(name))
    check(folder)


def set_up(folder: Path) -> None:
    """Set up Django with a migrated database in a folder."""
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DJANGO_ALLOW_ASYNC_UNSAFE": "1",  # Playwright runs an event loop in this thread
        "DATABASE_URL": f"sqlite:///{folder / 'pictures.sqlite3'}",
        "DEBUG": "1",
    }
    django.setup()
    from django.core.management import call_command  # noqa: PLC0415 - after Django is set up

    call_command("migrate", verbosity=0)


@contextmanager
def fixed_clock() -> Iterator[None]:
    """Fix the date of the site, and the times of history records."""
    times = (NOW + timedelta(seconds=each) for each in count())
    with (
        mock.patch("releases.web.clock.today", return_value=NOW.date()),
        mock.patch("django.utils.timezone.now", side_effect=times),
    ):
        yield


@contextmanager
def serving() -> Iterator[str]:
    """Serve the site in threads of this process. Yields its address."""
    from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler  # noqa: PLC0415
    from django.core.wsgi import get_wsgi_application  # noqa: PLC0415

    class Handler(WSGIRequestHandler):
        def log_message(self, *_: object) -> None:
            """Log nothing."""

    server = ThreadedWSGIServer(("127.0.0.1", 0), Handler)
    server.set_app(get_wsgi_application())
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


# ---- data ---------------------------------------------------------------------------------------


def import_catalogue() -> None:
    """Import the bundled catalogue."""
    from releases.services.imports.import_products import (  # noqa: PLC0415
        BUNDLED,
        import_products,
        product_files,
    )

    list(import_products(product_files([BUNDLED]), on=NOW.date()))


def add_data() -> None:
    """Add two users, a product and some edits."""
    from django.contrib.auth import get_user_model  # noqa: PLC0415
    from django.contrib.auth.models import Group  # noqa: PLC0415

    from releases.models import Product, ReleaseCycle  # noqa: PLC0415
    from releases.services.editing.roles import RELEASE_MANAGER  # noqa: PLC0415

    for name in ("Ann", "Ben"):
        user = get_user_model()._default_manager.create_user(name, is_staff=True)
        user.groups.set([Group.objects.get(name=RELEASE_MANAGER)])
    payroll = Product.objects.create(name="payroll", label="Payroll")
    ReleaseCycle.objects.create(
        product=payroll,
        name="5",
        release_date=date(2026, 11, 16),
        release_precision="day",
        eol_date=date(2028, 11, 30),
        eol_precision="day",
        unconfirmed=True,
    )
    edit("Ann", "Announced on their mailing list.", "5.2", date(2028, 6, 30))
    edit("Ben", "A month more, says the new policy.", "5.2", date(2028, 7, 31))


def edit(username: str, reason: str, name: str, eol: date) -> None:
    """Change the end of life of a release cycle of Django as a user, with a reason."""
    from django.contrib.auth import get_user_model  # noqa: PLC0415

    from releases.models.history import set_change_reason  # noqa: PLC0415

    cycle = django_cycle(name)
    cycle.eol_date = eol
    cycle._history_user = get_user_model()._default_manager.get(username=username)
    set_change_reason(cycle, reason).save()


def django_cycle(name: str) -> Any:
    """Return a release cycle of Django by its name."""
    from releases.models import ReleaseCycle  # noqa: PLC0415

    return ReleaseCycle.objects.get(product__name="django", name=name)


# ---- screenshots --------------------------------------------------------------------------------


def desk(page: Page, _folder: Path) -> None:
    """Show the index of the admin."""
    page.goto("/admin/")


def next_cycle(page: Page, _folder: Path) -> None:
    """Show the form of a next cycle with a warning about a date."""
    page.goto(f"/admin/releases/releasecycle/{django_cycle('6.2').pk}/change/")
    page.get_by_role("link", name="Next cycle").click()
    expect(page.locator("#preview tr.changed")).to_be_visible()
    page.get_by_label("Security support until").fill("2028-08")
    expect(page.locator("#preview .doubts")).to_be_visible()


def shift(page: Page, _folder: Path) -> None:
    """Show the preview of dates that an action moves."""
    page.goto("/admin/releases/releasecycle/?q=django&status=planned")
    for box in page.locator("input[name=_selected_action]").all():
        box.check()
    page.locator("select[name=action]").first.select_option("shift_plans")
    page.get_by_role("button", name="Go").first.click()
    page.get_by_label("Months later").fill("3")
    page.get_by_role("button", name="Update the preview").click()


def conflict(page: Page, _folder: Path) -> None:
    """Show a form that another user has changed meanwhile."""
    page.goto(f"/admin/releases/releasecycle/{django_cycle('6.1').pk}/change/")
    edit("Ben", "", "6.1", date(2028, 1, 31))
    page.get_by_label("Security support until").fill("2028-02")
    page.get_by_role("button", name="Save", exact=True).first.click()
    expect(page.locator(".problems")).to_contain_text("Not saved")


def history(page: Page, _folder: Path) -> None:
    """Show the history of a cycle."""
    page.goto(f"/admin/releases/releasecycle/{django_cycle('5.2').pk}/history/")


def upload(page: Page, folder: Path) -> None:
    """Show the preview of an uploaded product file."""
    from releases.services.imports.import_products import (  # noqa: PLC0415
        BUNDLED,
    )

    text = (BUNDLED / "django.md").read_text(encoding="utf-8")
    file = folder / "django.md"
    file.write_text(
        text.replace("eol: 2027-04-30", "eol: 2027-05-31").replace("2028-04-30", "2028-05-31"),
        encoding="utf-8",
    )
    page.goto("/admin/releases/upload/add/")
    page.get_by_label("Product files").set_input_files(file)
    page.get_by_role("button", name="Compare").click()


PICTURES: Final[dict[str, tuple[Callable[[Page, Path], None], int]]] = {
    "editing-desk": (desk, 760),
    "editing-next": (next_cycle, 700),
    "editing-shift": (shift, 640),
    "editing-conflict": (conflict, 560),
    "editing-history": (history, 600),
    "editing-upload": (upload, 560),
}
"""The function that opens the page of each screenshot, and the height of the viewport in pixels."""


THEMES: Final = {"roadmap": "light", "roadmap-dark": "dark"}
"""The theme of each screenshot of the home page."""


def take_site(folder: Path, address: str) -> None:
    """Take the screenshots of the home page at `address`."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
        for name, theme in THEMES.items():
            page = browser.new_page(
                base_url=address,
                color_scheme=theme,  # type: ignore[arg-type]
                viewport={"width": 1280, "height": 860},
                locale="en-GB",
            )
            page.goto("/")
            page.screenshot(path=folder / f"{name}.png", animations="disabled")
        browser.close()


def take_admin(folder: Path, address: str, scratch: Path) -> None:
    """Take the screenshots of the admin at `address`; uploaded files are made in `scratch`."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
        # A page that scrolls smoothly can move a button away between press and release.
        context = browser.new_context(
            base_url=address, color_scheme="light", locale="en-GB", reduced_motion="reduce"
        )
        context.add_cookies([{"name": "sessionid", "value": session_of("Ann"), "url": address}])
        page = context.new_page()
        for name, (show, height) in PICTURES.items():
            page.set_viewport_size({"width": WIDTH, "height": height})
            show(page, scratch)
            page.evaluate("scrollTo(0, 0)")
            page.screenshot(path=folder / f"{name}.png", animations="disabled", caret="hide")
        browser.close()


def session_of(name: str) -> str:
    """Return the key of a session of a user."""
    from django.contrib.auth import get_user_model  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415

    client = Client()
    client.force_login(get_user_model()._default_manager.get(username=name))
    return client.cookies["sessionid"].value


def check(folder: Path) -> None:
    """Print the sizes of the screenshots, and exit with a message if one is too large."""
    names = (*THEMES, *PICTURES)
    sizes = {name: (folder / f"{name}.png").stat().st_size for name in names}
    for name, size in sizes.items():
        print(f"{name}.png  {size:>7,} bytes")
    if too_large := [name for name, size in sizes.items() if size >= MAX_BYTES]:
        sys.exit(f"Not smaller than {MAX_BYTES:,} bytes: {', '.join(too_large)}")


if __name__ == "__main__":
    main(sys.argv[1:])
