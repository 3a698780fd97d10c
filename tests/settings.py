"""Settings of the tests: the program's own, in a workspace of their own that goes when the tests are over."""

import atexit
import os
import shutil
import tempfile

_WORKSPACE = tempfile.mkdtemp(prefix="hatangso-test-")
os.environ["HATANGSO_WORKSPACE"] = _WORKSPACE
os.environ.pop("DATABASE_URL", None)
if _POSTGRES := os.environ.get("HATANGSO_TEST_DATABASE_URL"):  # set by tests/postgres alone
    os.environ["DATABASE_URL"] = _POSTGRES
atexit.register(shutil.rmtree, _WORKSPACE, ignore_errors=True)

from hatangso.web.settings import *  # noqa: E402, F403
