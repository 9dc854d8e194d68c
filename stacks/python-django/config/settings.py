"""What a new project starts with, less what nothing here uses: sessions, users, CSRF, the admin."""

import os
from pathlib import Path
from urllib.parse import urlsplit

from django.core.management.utils import get_random_secret_key

BASE_DIR = Path(__file__).resolve().parent.parent

DEBUG = False
SECRET_KEY = get_random_secret_key()  # nothing is signed
ALLOWED_HOSTS = ["*"]  # the address of a container is not known beforehand
ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
INSTALLED_APPS = ["bench"]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.common.CommonMiddleware",
]
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
APPEND_SLASH = False
USE_I18N = False
DATA_UPLOAD_MAX_MEMORY_SIZE = 64 * 1024
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# For the order's serializer, which is all that is used of it.
REST_FRAMEWORK = {"UNAUTHENTICATED_USER": None}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "ERROR"},
    # Otherwise a line for each 4xx, and a tenth of the orders are bad on purpose.
    "loggers": {"django.request": {"level": "ERROR"}},
}


def databases(url: str | None, connections: int) -> dict[str, dict]:
    """Nothing is opened before it is asked for: a stack starts while its database is down."""
    if url is None:
        return {}
    parts = urlsplit(url)
    return {
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": parts.path.lstrip("/"),
            "USER": parts.username,
            "PASSWORD": parts.password,
            "HOST": parts.hostname,
            "PORT": parts.port or 5432,
            # A pool instead of persistent connections, which Django advises against under ASGI.
            "OPTIONS": {
                "connect_timeout": 2,
                "pool": {"min_size": connections, "max_size": connections, "timeout": 1.5, "max_lifetime": 86400, "max_idle": 86400},
            },
        }
    }


# The number given is for the whole stack; config.serve and gunicorn.conf.py say how many processes there are.
DATABASE_CONNECTIONS = max(
    1, int(os.environ.get("BENCH_DB_CONNECTIONS", "20")) // int(os.environ.get("WEB_CONCURRENCY", "1"))
)
DATABASES = databases(os.environ.get("DATABASE_URL"), DATABASE_CONNECTIONS)
