from django.apps import AppConfig
from django.db.backends.signals import connection_created


class ReleasesConfig(AppConfig):
    name = "releases"
    verbose_name = "Release roadmap"

    def ready(self) -> None:
        from releases.models.functions import register  # noqa: PLC0415 - models are loaded now

        connection_created.connect(register)
