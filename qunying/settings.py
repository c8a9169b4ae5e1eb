"""Django settings, all of them; what an install may change comes from the environment."""

from __future__ import annotations

import os
import secrets
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from csp.constants import NONE, SELF

from qunying.kit import catalog, sqlite

BASE = Path(__file__).resolve().parent.parent
HOME = Path(os.environ.get("QUNYING_HOME") or BASE / "var").resolve()
HOME.mkdir(parents=True, exist_ok=True)
sqlite.use_carried_build()


def secret_of_install(name: str) -> str:
    """A random key made once per install and readable by its owner only."""
    path = HOME / name
    if not path.exists():
        fresh = path.with_suffix(f".{os.getpid()}")
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(50))
        try:
            os.link(fresh, path)  # the first process wins, the others read its key
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_text()


def database(url: str) -> dict[str, Any]:
    """DATABASE_URL (postgresql://login:password@host:port/name?…) or the SQLite file under QUNYING_HOME."""
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": HOME / "qunying.sqlite3",
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA foreign_keys=ON;"
                "PRAGMA cache_size=-32768;PRAGMA temp_store=MEMORY;",
            },
        }
    parts = urlsplit(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "connect_timeout": 2,
            "tcp_user_timeout": 900,  # a line that swallows all is found out, and a new one too, within two seconds
            "keepalives_idle": 2,
            "keepalives_interval": 1,
            "keepalives_count": 2,
            "options": "-c lock_timeout=3s -c idle_in_transaction_session_timeout=30s",
            **dict(parse_qsl(parts.query)),
        },
    }


SECRET_KEY = secret_of_install("secret.key")
VAULT_KEY = secret_of_install("vault.key")
DEBUG = False
ALLOWED_HOSTS = os.environ.get("QUNYING_HOSTS", "127.0.0.1,localhost,[::1],testserver").split(",")
CSRF_FAILURE_VIEW = "qunying.console.errors.not_from_here"
CSRF_TRUSTED_ORIGINS = [origin for origin in os.environ.get("QUNYING_ORIGINS", "").split(",") if origin]

FLOORS = [
    "brands",
    "jobs",
    "facts",
    "members",
    "communities",
    "webhooks",
    "outbox",
    "audiences",
    "metrics",
    "diagnosis",
    "playbooks",
    "connectors",
    "console",
    "api",
    "demo",
]
"""The apps, lowest floor first."""

OUR_APPS = [f"qunying.{floor}" for floor in FLOORS if (BASE / "qunying" / floor / "__init__.py").exists()]
THEIR_APPS = [entry.value for entry in entry_points(group="qunying.apps")]
catalog.announce([*OUR_APPS, *THEIR_APPS])

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "axes",
    "csp",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    *OUR_APPS,
    *THEIR_APPS,
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
    "qunying.console.errors.Refusals",
]
ROOT_URLCONF = "qunying.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.messages.context_processors.messages",
                "qunying.console.context.shell",
            ],
            "builtins": ["qunying.console.templatetags.ui"],
        },
    }
]
DATABASES = {"default": database(os.environ.get("DATABASE_URL", ""))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": []}}

AUTH_USER_MODEL = "brands.Account"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"

LANGUAGE_CODE = "zh-hans"
LANGUAGE_COOKIE_AGE = 31536000
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_I18N = True
USE_THOUSAND_SEPARATOR = False

SIMULATORS = dict(part.split("=", 1) for part in os.environ.get("QUNYING_SIMULATORS", "").split(",") if part)
"""host of a platform=address on this machine that answers in its place; for tests and the demo only."""
PRIVATE_HOSTS = frozenset(filter(None, os.environ.get("QUNYING_PRIVATE_HOSTS", "").split(",")))
"""Hosts of the operator's own network that connections may name, such as a Matrix homeserver next door."""

SOCKETS = os.environ.get("QUNYING_SOCKETS", "127.0.0.1:8001")
"""Where `qunying listen` takes sockets that platforms open to us; empty for nowhere."""

STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"
STATICFILES_DIRS = [BASE / "assets"] if (BASE / "assets").exists() else []
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_MAX_AGE = 31536000
FILE_UPLOAD_TEMP_DIR = HOME / "uploads"
FILE_UPLOAD_TEMP_DIR.mkdir(exist_ok=True)
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [SELF],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}
HTTPS = os.environ.get("QUNYING_HTTPS") == "1"
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SECURE_HSTS_SECONDS = 31536000 if HTTPS else 0
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "filters": {"doors": {"()": "qunying.kit.logs.HideDoors"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["doors"]}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
