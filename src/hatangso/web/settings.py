"""Django settings.  Everything that belongs to one installation lives in its workspace folder.

``HATANGSO_WORKSPACE`` names that folder (default ``workspace/``); the secret key is made there on first use, the
records are in ``hatangso.sqlite3`` there unless ``DATABASE_URL`` names a PostgreSQL server.
"""

from __future__ import annotations

import os
from pathlib import Path

from hatangso.web.workspace import DEMO_MARK, database_settings, secret_key, workspace_dir

WORKSPACE = workspace_dir()
HERE = Path(__file__).parent

SECRET_KEY = secret_key(WORKSPACE)
DEBUG = os.environ.get("HATANGSO_DEBUG") == "1"
ALLOWED_HOSTS = os.environ.get("HATANGSO_HOSTS", "localhost,127.0.0.1,[::1],testserver").split(",")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "axes",
    "hatangso.web.accounts",
    "hatangso.web.plans",
    "hatangso.web.facts",
    "hatangso.web.registry",
    "hatangso.web.readings",
    "hatangso.web.criteria",
    "hatangso.web.indicators",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "hatangso.web.policy.VietnameseFirst",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "hatangso.web.policy.ContentSecurityPolicy",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "hatangso.web.urls"
WSGI_APPLICATION = "hatangso.web.wsgi.application"
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_TEMPLATE = "accounts/locked.html"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [HERE / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "hatangso.web.context.frame",
            ],
            "builtins": ["hatangso.web.templatetags.vietnamese"],
        },
    },
]

DATABASES = {"default": database_settings(WORKSPACE)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "vi"
LANGUAGES = [("vi", "Tiếng Việt"), ("en", "English")]
LOCALE_PATHS = [HERE / "locale"]
TIME_ZONE = "Asia/Ho_Chi_Minh"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATICFILES_DIRS = [HERE / "static"]
STATIC_ROOT = None  # served from the package itself
WHITENOISE_USE_FINDERS = True  # one process serves everything: no collectstatic step for the officer
WHITENOISE_MAX_AGE = 3600

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
# A demonstration shows its accounts on the sign-in page; the workspace remembers that it is one.
HATANGSO_DEMO = os.environ.get("HATANGSO_DEMO") == "1" or (WORKSPACE / DEMO_MARK).exists()
HATANGSO_DEMO_PASSWORD = "trinh-dien-2026"  # shown on the sign-in page of a demonstration, worth nothing
HATANGSO_AGENCY = os.environ.get("HATANGSO_AGENCY", "")  # footer; empty: the body of the reader's account
HATANGSO_RESPONSIBLE = os.environ.get("HATANGSO_RESPONSIBLE", "")
