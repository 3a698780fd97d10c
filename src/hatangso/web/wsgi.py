"""WSGI entry for a server such as granian."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hatangso.web.settings")

application = get_wsgi_application()
