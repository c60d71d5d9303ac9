from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.db.models.signals import m2m_changed, pre_save


class ReleasesConfig(AppConfig):
    name = "releases"
    verbose_name = "Release roadmap"

    def ready(self) -> None:
        from releases import checks  # noqa: F401, PLC0415 - registers them
        from releases.models import Product  # noqa: PLC0415 - models are loaded now
        from releases.models.functions import register  # noqa: PLC0415
        from releases.models.revision import moved_by_fixture, moved_by_relation  # noqa: PLC0415

        connection_created.connect(register)
        pre_save.connect(moved_by_fixture)
        m2m_changed.connect(moved_by_relation, sender=Product.tags.through)
