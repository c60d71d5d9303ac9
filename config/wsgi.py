"""The WSGI application that gunicorn serves."""

import os

from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

from config import env

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

if not env.flag("DEBUG", default=False) and not env.text("SECRET_KEY"):
    raise ImproperlyConfigured("SECRET_KEY is not set; serving needs a long random one.")

application = get_wsgi_application()
