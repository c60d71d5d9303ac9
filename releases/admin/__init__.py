"""The admin site of editors: products, release cycles, upgrade notes and uploads.

It is Django's own admin with one style sheet (`static/admin/roadmap.css`), a line of its tables on
top of each page (`templates/admin/base_site.html`) and `roadmap-forms.js` for what Django's widgets
leave unsaid. Changes are described in the words of the forms, and each has one field for a reason.
"""

from django.conf import settings
from django.contrib import admin

from releases.admin import cycles, products, upgrade_notes
from releases.admin.imports import uploads

admin.site.site_title = settings.SITE_NAME
admin.site.site_header = f"{settings.SITE_NAME}: editing"
admin.site.index_title = "Editors’ desk"
# The few tables stand in a line on top of each page, where they leave forms and lists their width.
admin.site.enable_nav_sidebar = False

__all__ = ["cycles", "products", "upgrade_notes", "uploads"]
