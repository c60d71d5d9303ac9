"""The admin site of editors: products, release cycles, upgrade notes and uploads.

It is Django's own admin in the design of the public pages: `templates/admin/` extends its
templates, and the style sheets in `static/admin/` replace Django's. They use the tokens and parts
of the site.
`roadmap-forms.js` adds behavior that Django's widgets lack. Changes are described in the words of
the forms, and each has one field for a reason.
"""

from django.conf import settings
from django.contrib import admin
from django_tasks_db.admin import DBTaskResultAdmin  # noqa: F401 - registers itself
from django_tasks_db.models import DBTaskResult

from releases.admin import cycles, products, subscriptions, tokens, upgrade_notes, users
from releases.admin.imports import uploads

# Tracebacks of tasks may contain addresses of subscribers, and editors cannot change tasks.
admin.site.unregister(DBTaskResult)
admin.site.site_title = settings.SITE_NAME
admin.site.site_header = f"{settings.SITE_NAME}: editing"
admin.site.index_title = "Editors’ desk"
# Each page has links to the few tables on top, so forms and lists get the full width.
admin.site.enable_nav_sidebar = False

__all__ = [
    "cycles",
    "products",
    "subscriptions",
    "tokens",
    "upgrade_notes",
    "uploads",
    "users",
]
