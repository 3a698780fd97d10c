"""The WSGI entry: ``hatangso serve`` starts it."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hatangso.web.settings")
application = get_wsgi_application()
