"""Configuration of the `releases` app: signal handlers and system checks."""

from django.apps import AppConfig
from django.conf import settings
from django.db.models.signals import m2m_changed, post_migrate, post_save, pre_delete, pre_save


class ReleasesConfig(AppConfig):
    """The app of the whole catalogue."""

    name = "releases"
    verbose_name = "Release roadmap"

    def ready(self) -> None:
        from releases.formats.stack import LIMITS  # noqa: PLC0415
        from releases.models import Product, Revision, Tag, visibility  # noqa: PLC0415 - after models are loaded
        from releases.models.product import remove_from_products  # noqa: PLC0415
        from releases.models.revision import (  # noqa: PLC0415
            bump_after_fixture,
            bump_on_fixture,
            bump_on_relation,
        )
        from releases.services.editing.roles import make_roles  # noqa: PLC0415
        from releases.web import checks, clock  # noqa: F401, PLC0415 - registers the checks

        # Looked up at each call, because tests replace `clock.today`.
        visibility.real_date = lambda: clock.today()  # noqa: PLW0108

        LIMITS.file_bytes = settings.STACK_FILE_BYTES
        LIMITS.components = settings.STACK_COMPONENTS

        pre_save.connect(bump_on_fixture)
        post_save.connect(bump_after_fixture, sender=Revision)
        pre_delete.connect(remove_from_products, sender=Tag)
        post_migrate.connect(make_roles, sender=self)
        m2m_changed.connect(bump_on_relation, sender=Product.tags.through)
