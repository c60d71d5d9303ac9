"""URLs of the public site.

Names of products are paths at the root (`/django/`), except for reserved names. URLs of
endoflife.date that differ from those of this site (`/python.ics`) redirect to them (301).
"""

from django.urls import path
from django.views.generic import RedirectView

from releases.api.urls import urlpatterns as api_urls
from releases.feeds import feeds
from releases.feeds.calendars import product_ics, roadmap_ics, stack_ics
from releases.views import about, cards, changes, lists, stack, subscriptions, upgrade
from releases.views.badges import (
    badge_json,
    badge_svg,
    stack_badge_json,
    stack_badge_svg,
    verdict_badge_json,
    verdict_badge_svg,
)
from releases.views.cycle import cycle
from releases.views.exports import (
    product_svg,
    roadmap_csv,
    roadmap_json,
    roadmap_svg,
    stack_svg,
)
from releases.views.openeox import cycle_openeox, product_openeox, roadmap_openeox
from releases.views.product import product
from releases.views.roadmap import roadmap
from releases.views.search import search
from releases.views.site import brand, robots, site_map
from releases.web.redirects import redirect_to
from releases.web.responses import for_other_sites

app_name = "releases"

feed_urls = [
    path(f"{route}.{form}", view, {"form": form}, name=f"{name}_{form}")
    for name, route, view in (
        ("roadmap", "roadmap", feeds.roadmap),
        ("new_products", "new-products", feeds.new_products),
        ("changes", "changes", feeds.changes),
        ("stack", "stack", feeds.stack),
        ("product", "<str:name>", feeds.product),
    )
    for form in feeds.FEEDS
]

urlpatterns = [
    path("", roadmap, name="roadmap"),
    path("products/", lists.products, name="products"),
    path("categories/", lists.categories, name="categories"),
    path("categories/<str:name>/", lists.category, name="category"),
    path("tags/", lists.tags, name="tags"),
    path("tags/<str:name>/", lists.tag, name="tag"),
    path("calendar/", lists.calendar, name="calendar"),
    path("changes/", changes.changes, name="changes"),
    path("changes.csv", changes.changes_csv, name="changes_csv"),
    path("changes.json", changes.changes_json, name="changes_json"),
    path("search/", search, name="search"),
    path("about/", RedirectView.as_view(pattern_name="releases:about_data"), name="about"),
    path("about/data/", about.data, name="about_data"),
    path("about/statuses/", about.statuses, name="about_statuses"),
    path("about/accessibility/", about.accessibility, name="about_accessibility"),
    path("about/privacy/", about.privacy, name="privacy"),
    path("subscribe/", subscriptions.subscribe_form, name="subscribe"),
    path("subscribe/sent/", subscriptions.subscribe_sent, name="subscribe_sent"),
    path(
        "subscriptions/confirm/<str:token>/",
        subscriptions.confirm_subscription,
        name="confirm_subscription",
    ),
    path("subscriptions/<str:token>/", subscriptions.subscription, name="subscription"),
    path(
        "subscriptions/<str:token>/unsubscribe/",
        subscriptions.unsubscribe_page,
        name="unsubscribe",
    ),
    path("sitemap.xml", site_map, name="sitemap"),
    path("sitemap-<str:section>.xml", site_map, name="sitemap_part"),
    path("brand.css", brand, name="brand"),
    path("robots.txt", robots, name="robots"),
    path("roadmap.svg", roadmap_svg, name="roadmap_svg"),
    path("roadmap.csv", roadmap_csv, name="roadmap_csv"),
    path("roadmap.json", roadmap_json, name="roadmap_json"),
    path("roadmap.openeox.json", roadmap_openeox, name="roadmap_openeox"),
    path("upgrade/", upgrade.upgrades, name="upgrades"),
    path("upgrade/<str:name>.md", upgrade.upgrade_md, name="upgrade_md"),
    path("upgrade/<str:name>.json", upgrade.upgrade_json, name="upgrade_json"),
    path("upgrade/<str:name>.ics", upgrade.upgrade_ics, name="upgrade_ics"),
    path("upgrade/<str:name>/", upgrade.upgrade, name="upgrade"),
    path("check/", stack.check, name="check"),
    path("stack/", stack.stack, name="stack"),
    path("stack.svg", stack_svg, name="stack_svg"),
    path("stack.ics", stack_ics, name="stack_ics"),
    path("badges/stack.svg", stack_badge_svg, name="stack_badge_svg"),
    path("badges/stack.json", stack_badge_json, name="stack_badge_json"),
    path("roadmap.ics", roadmap_ics, name="roadmap_ics"),
    path("calendar/<str:name>.ics", product_ics, name="product_ics"),
    path("<str:name>.ics", for_other_sites(redirect_to("releases:product_ics"))),
    path("cards/roadmap.png", cards.roadmap_card, name="roadmap_card"),
    path("cards/<str:name>.png", cards.product_card, name="product_card"),
    path("cards/<str:name>/<str:cycle_name>.png", cards.cycle_card, name="cycle_card"),
    path("badges/<str:name>.svg", verdict_badge_svg, name="verdict_badge_svg"),
    path("badges/<str:name>.json", verdict_badge_json, name="verdict_badge_json"),
    path("badges/<str:name>/<str:cycle_name>.svg", badge_svg, name="badge_svg"),
    path("badges/<str:name>/<str:cycle_name>.json", badge_json, name="badge_json"),
    *feed_urls,
    *api_urls,
    path("<str:name>.svg", product_svg, name="product_svg"),
    path("<str:name>.openeox.json", product_openeox, name="product_openeox"),
    path("<str:name>/<str:cycle_name>.openeox.json", cycle_openeox, name="cycle_openeox"),
    path("<str:name>/", product, name="product"),
    path("<str:name>/<str:cycle_name>/", cycle, name="cycle"),
]
