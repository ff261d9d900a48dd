"""All settings, from the environment: docs/configuration.md lists every variable.

A value that makes no sense stops the start with one sentence; no secret has a usable default.
"""

from datetime import timedelta
from pathlib import Path

import django_stubs_ext

from dashboard import broker, database, logs
from dashboard.env import env

# Django's own generic classes cannot be subscripted at run time without this.
django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = env.folder("DATA_DIR", BASE_DIR / "var")

# --- Secrets -------------------------------------------------------------------------------------
DEMO_SECRET_KEY = DATA_DIR / "secret_key"
SECRET_KEY = env.secret("SECRET_KEY", fallback=DEMO_SECRET_KEY, length=40)
# Texts that keys for the stored credentials are derived from: the first encrypts, all decrypt.
CREDENTIAL_KEYS = env.keys("CREDENTIAL_KEYS", length=32) or [SECRET_KEY]

# --- Who may talk to us --------------------------------------------------------------------------
DEBUG = env.flag("DEBUG", default=False)
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.origins("CSRF_TRUSTED_ORIGINS")
# True when browsers reach us through a proxy that speaks TLS and sets X-Forwarded-Proto itself.
BEHIND_TLS = env.flag("BEHIND_TLS", default=False)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = BEHIND_TLS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_TLS else None
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_HSTS_SECONDS = int(timedelta(days=365).total_seconds()) if BEHIND_TLS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = BEHIND_TLS
# The preload list is for public names; a console inside a company has no place on it.
SILENCED_SYSTEM_CHECKS = ["security.W021"]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = int(timedelta(hours=12).total_seconds())

# --- The house -----------------------------------------------------------------------------------
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "axes",
    "django_htmx",
    "dashboard",
    "dashboard.notices",
    "pools",
    "workflows",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "dashboard.csp.csp_middleware",
    "dashboard.parts.parts_middleware",
    "dashboard.nul.nul_middleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "dashboard.urls"
ASGI_APPLICATION = "dashboard.asgi.application"
WSGI_APPLICATION = "dashboard.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "dashboard.csp.csp_nonce",
                "workflows.pages.strips.counts",
            ]
        },
    }
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {"default": database.from_environment(DATA_DIR)}

# --- People --------------------------------------------------------------------------------------
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "login"
# By name and address together: a stranger cannot lock a colleague out, nor one typo a whole office.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
AXES_LOCKOUT_CALLABLE = "dashboard.door.locked"

# --- Time, words, static files -------------------------------------------------------------------
LANGUAGE_CODE = "en"
USE_I18N = False
USE_TZ = True
TIME_ZONE = "UTC"
STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
PLAIN_STATIC = "django.contrib.staticfiles.storage.StaticFilesStorage"
HASHED_STATIC = "whitenoise.storage.CompressedManifestStaticFilesStorage"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": PLAIN_STATIC if DEBUG else HASHED_STATIC},
}
LOGGING = logs.configuration(env.choice("LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR")))

# --- Watching ------------------------------------------------------------------------------------
WATCH_INTERVAL = env.number("WATCH_INTERVAL", 10, minimum=1, maximum=3600, unit="seconds")
# Whether masters are waited for (event.from), where they can tell by themselves; else pools are only looked at.
LISTEN = env.flag("LISTEN", default=True)
# Where people find this console: links in notifications begin with it.
CONSOLE_URL = env.url("CONSOLE_URL", ("http", "https"), "https://baton.example.org").rstrip("/")
# The secret with which Prometheus asks for /metrics; without one, only people who are signed in may read it.
METRICS_TOKEN = env.optional_secret("METRICS_TOKEN", length=20)

# --- What changing things must not take away, and how long what was seen is kept --------------------
STANDS_ON = env.pairs("STANDS_ON", ("baton", "database", "broker", "cloudstack"))
KEEP_DAYS = env.number("KEEP_DAYS", 400, minimum=7, maximum=36500, unit="days")

# --- Celery: a message is a hint, the database is the truth; losing or doubling one does no harm --
REDIS_URL = broker.redis_url(DATA_DIR)
CELERY_BROKER_URL = broker.celery_url(REDIS_URL)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_timeout": 20,
    "socket_connect_timeout": 5,
    "socket_keepalive": True,
    "health_check_interval": 15,
    # Publishing finds its connection first, and by itself tries that for 6 s: a click must not wait so long.
    "max_retries": 1,
    "interval_start": 0.05,
    "interval_step": 0.05,
    "interval_max": 0.1,
}
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
# Late acks double a task that outlives the visibility timeout, and make celery 5.7.0 die with the broker.
CELERY_TASK_ACKS_LATE = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_SEND_TASK_EVENTS = False
# A page must not hang because the broker is away: one retry, then the sweeper finds the row.
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0.1, "interval_max": 0.1}
CELERY_TIMEZONE = "UTC"
CELERY_TASK_DEFAULT_QUEUE = "watch"
CELERY_TASK_ROUTES = {
    "pools.*": {"queue": "watch"},
    "dashboard.notices.*": {"queue": "notices"},
    "dashboard.*": {"queue": "watch"},
    "workflows.*": {"queue": "runs"},
}
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat")
# Ticks expire, so that a worker that was away does not come back to a thousand of them.
CELERY_BEAT_SCHEDULE = {
    "sweep": {"task": "workflows.tasks.sweep", "schedule": 1.0, "options": {"expires": 5}},
    "watch": {"task": "pools.tasks.watch_due", "schedule": 1.0, "options": {"expires": 5}},
    "prune": {"task": "dashboard.tasks.prune", "schedule": 3600.0, "options": {"expires": 3000}},
    "notice": {"task": "dashboard.notices.tasks.notice", "schedule": 5.0, "options": {"expires": 5}},
}
