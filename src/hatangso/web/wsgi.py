"""WSGI entry for a server such as granian."""

import os
import sys
from pathlib import Path

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hatangso.web.settings")

# The server puts the current folder first; in a workspace its folder "coverage" would pass for a package.
_HOME = Path(__file__).resolve().parents[2]
sys.path[:] = [p for p in sys.path if Path(p or ".").resolve() != Path.cwd() or Path.cwd() == _HOME]

application = get_wsgi_application()
