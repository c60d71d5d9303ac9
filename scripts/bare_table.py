"""The site with a bare table of the roadmap at `/bare/`, as the baseline of `scripts.bench_page`.

The table has the rows of `/` as text: a server has to send no less, and a browser to paint no less.
It goes through the same middleware and the same page cache.
"""

from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from config import urls
from releases import selectors
from releases.domain.lifecycle.milestones import MILESTONES
from releases.domain.lifecycle.status import status_on
from releases.domain.roadmap.query import NAMES, RoadmapQuery
from releases.web import clock
from releases.web.cached_views import cached

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Roadmap</title>
<table>
{}
</table>
"""


def rows() -> Iterator[list[SafeString | str]]:
    """Yield the cells of the rows of `/`: product, cycle, status, milestones and latest release."""
    query = RoadmapQuery.parse({}, clock.today())
    for product, cycle in selectors.roadmap(query).cycles:
        milestones = [str(getattr(cycle, name) or "") for name in MILESTONES]
        status = status_on(cycle.lifecycle, query.on)
        yield [product.label, cycle.name, status.value, *milestones, str(cycle.latest or "")]


@cached(*NAMES)
def bare(request: HttpRequest) -> HttpResponse:
    """`/bare/`: the rows of the roadmap as a table without a style sheet or a script."""
    lines = ((format_html_join("", "<td>{}</td>", ((cell,) for cell in row)),) for row in rows())
    return HttpResponse(format_html(PAGE, format_html_join("\n", "<tr>{}</tr>", lines)))


def forget(request: HttpRequest) -> HttpResponse:
    """`/forget/`: clear the caches of this process."""
    from scripts.bench_page import clear_caches  # noqa: PLC0415

    clear_caches()
    return HttpResponse(status=204)


urlpatterns = [path("bare/", bare), path("forget/", forget), *urls.urlpatterns]
handler400, handler403 = urls.handler400, urls.handler403
handler404, handler500 = urls.handler404, urls.handler500
