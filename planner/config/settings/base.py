"""Settings shared by every environment; values that differ between installations come from the environment."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import dj_database_url
from csp.constants import NONE, SELF

from planner.config.environment import env_bool, env_int, env_list, geometry_libraries
from planner.config.logs import log_settings

BASE_DIR = Path(__file__).resolve().parents[3]
DATA_DIR = Path(os.environ.get("DATA_DIR", BASE_DIR / "var")).resolve()

INSTALLED_APPS = [
    "planner.apps.DeskAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.gis",
    "csp",
    "rest_framework",
    "rest_framework_gis",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "simple_history",
    "guardian",
    "axes",
    "django_celery_beat",
    "regions.apps.RegionsConfig",
    "planner.apps.PlannerConfig",
]

MIDDLEWARE = [
    "planner.config.requests.RequestLog",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "planner.config.requests.Slashes",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "planner.config.requests.AddressText",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    # Last: it answers for everybody who has tried too many passwords.
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "planner.config.urls"
WSGI_APPLICATION = "planner.config.wsgi.application"
ASGI_APPLICATION = "planner.config.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        # Replacements of packages' templates that the content security policy refuses.
        "DIRS": [BASE_DIR / "planner" / "config" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# --- Database -------------------------------------------------------------------------------------------------------
GDAL_LIBRARY_PATH, GEOS_LIBRARY_PATH = geometry_libraries()

EMBEDDED_DATABASE: dict[str, Any] = {
    "ENGINE": "planner.config.geosqlite",
    "NAME": str(DATA_DIR / "planner.sqlite3"),
    "OPTIONS": {
        # A writer waits for the other instead of failing in the middle of its transaction.
        "transaction_mode": "IMMEDIATE",
        "timeout": 30,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
    },
}


def database(url: str | None) -> dict[str, Any]:
    """The database of DATABASE_URL (postgis://user:password@host/name), or the embedded one where there is none."""
    if not url:
        DATA_DIR.mkdir(parents=True, exist_ok=True)
        return EMBEDDED_DATABASE
    scheme, separator, rest = url.partition("://")
    if scheme in {"postgres", "postgresql", "pgsql"}:
        # The geometry columns need PostGIS; the plain scheme is what most hosting services hand out.
        scheme = "postgis"
    if scheme != "postgis" or not separator:
        raise ValueError(
            "DATABASE_URL: expected postgis://user:password@host:port/name, or nothing for the embedded one"
        )
    return dict(dj_database_url.parse(f"{scheme}://{rest}", conn_max_age=60, conn_health_checks=True))


DATABASES = {"default": database(os.environ.get("DATABASE_URL"))}

# --- Tasks ----------------------------------------------------------------------------------------------------------
# Run state lives in our own rows, so results are ignored and an unfinished task is put back by a sweep.
BROKER_URL = os.environ.get("BROKER_URL") or os.environ.get("REDIS_URL") or "filesystem://"
EMBEDDED_BROKER = BROKER_URL.startswith("filesystem://")
# Threads of the worker that `estimate` and `serve` start in their own process; 0 where workers run elsewhere.
WORKER_THREADS = env_int("WORKER_THREADS", (os.cpu_count() or 1) if EMBEDDED_BROKER else 0)

# What every run computes beside the effects of its interventions; fewer where results must come sooner.
RUN_ANALYSES = env_list(
    "RUN_ANALYSES",
    "diagnosis,minute_values,closures,stress,side,appraisal,criteria,variance,portfolio,variants,waits",
)

CELERY_BROKER_URL = BROKER_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_ENABLE_REMOTE_CONTROL = not EMBEDDED_BROKER
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_TIMEZONE = "UTC"
# When a task was last sent is stored at once: health and a beat that starts anew read it.
CELERY_BEAT_SYNC_EVERY = 1
CELERY_RESULT_EXPIRES = None
# Copied into the schedule of the admin when beat starts.
CELERY_BEAT_SCHEDULE = {
    "sweep-runs": {"task": "planner.sweep_runs", "schedule": 60.0},
    # Looks which schedules of reports are due and which deliveries want another attempt; rows decide, not this clock.
    "fire-schedules": {"task": "planner.fire_schedules", "schedule": 30.0},
    "forget-reports": {"task": "planner.forget_reports", "schedule": 3600.0},
}


def broker_folders(home: Path) -> dict[str, Any]:
    """Options of the embedded broker: messages are files below `home`; created here because kombu expects them."""
    for name in ("messages", "control"):
        (home / name).mkdir(parents=True, exist_ok=True)
    messages = str(home / "messages")
    return {
        "data_folder_in": messages,
        "data_folder_out": messages,
        "control_folder": str(home / "control"),
        "polling_interval": 0.05,
    }


if EMBEDDED_BROKER:
    CELERY_BROKER_TRANSPORT_OPTIONS = broker_folders(DATA_DIR / "broker")
else:
    # A server that does not answer is given up soon: the rows keep the work, and the sweep sends it again.
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "visibility_timeout": 3600,
        "socket_connect_timeout": 5,
        "socket_keepalive": True,
    }

# --- People and languages -------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("fr", "Français"), ("es", "Español")]
# The words of reports have a catalogue of their own.
LOCALE_PATHS = [BASE_DIR / "planner" / "reports" / "locale"]
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
    "guardian.backends.ObjectPermissionBackend",
]
# Roles are given to people who have signed in; nobody else has any.
ANONYMOUS_USER_NAME = None
# After this many wrong passwords for one name from one address, nobody signs in by that name from there for a while.
AXES_FAILURE_LIMIT = env_int("LOGIN_FAILURES", 5)
AXES_COOLOFF_TIME = timedelta(minutes=env_int("LOGIN_COOLOFF_MINUTES", 15))
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_TEMPLATE = "locked.html"
AXES_RESET_ON_SUCCESS = True
AXES_HTTP_RESPONSE_CODE = 429
AXES_VERBOSE = False
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

# --- Pages ----------------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = Path(os.environ.get("STATIC_ROOT", DATA_DIR / "static")).resolve()
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
# Static files are served by the process itself, straight from the apps, unless production collects them.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False

# An intervention with forty channels and forty costs, or a run of a thousand interventions, is one form.
# A larger upload is refused before it is read; what it may unpack to, each importer bounds.
UPLOAD_MOST_MIB = env_int("UPLOAD_MOST_MIB", 256)
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

# What one request may upload; files of imports are kept below DATA_DIR until they are imported or given up.
UPLOAD_BYTES = env_int("UPLOAD_MIB", 512) * 1024 * 1024
FILE_UPLOAD_HANDLERS = [
    "planner.config.uploads.BoundedUpload",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# --- API ------------------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    # The token first: whoever brings no credentials is told how to.
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "planner.api.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "regions.api.negotiation.Negotiation",
    "DEFAULT_PARSER_CLASSES": ["regions.api.parsers.BoundedJSONParser"],
    "DEFAULT_FILTER_BACKENDS": [
        "django_filters.rest_framework.DjangoFilterBackend",
        "rest_framework.filters.OrderingFilter",
    ],
    "DEFAULT_PAGINATION_CLASS": "regions.api.pages.CursorPages",
    # Counted in each process of the web server.
    "DEFAULT_THROTTLE_CLASSES": [
        "rest_framework.throttling.AnonRateThrottle",
        "rest_framework.throttling.UserRateThrottle",
    ],
    "DEFAULT_THROTTLE_RATES": {
        "anon": os.environ.get("API_RATE_ANONYMOUS", "60/min"),
        "user": os.environ.get("API_RATE_USER", "1200/min"),
        "runs": os.environ.get("API_RATE_RUNS", "60/min"),
        "imports": os.environ.get("API_RATE_IMPORTS", "20/min"),
    },
    "EXCEPTION_HANDLER": "regions.api.problems.problem_handler",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
# Streams of progress hold a thread each: so many at once in a process, and for so long.
EVENT_STREAMS = env_int("EVENT_STREAMS", 2)
EVENT_STREAM_SECONDS = env_int("EVENT_STREAM_SECONDS", 25)
SPECTACULAR_SETTINGS = {
    "TITLE": "Border-region trade facilitation planner",
    "DESCRIPTION": "Cases, runs and rankings of interventions that narrow trade imbalances of border regions.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "planner.api.schema.describe_problems",
        "planner.api.schema.close_requests",
    ],
    "ENUM_NAME_OVERRIDES": {
        "RunState": "planner.models.vocabulary.RunState",
        "EffectStatus": "planner.models.vocabulary.EffectStatus",
        "Review": "planner.models.vocabulary.Review",
        "EvidenceGrade": "regions.models.choices.EvidenceGrade",
        "InterventionKind": "planner.models.vocabulary.InterventionKind",
        "AnalysisKind": "planner.models.vocabulary.AnalysisKind",
        "Closure": "planner.models.vocabulary.Closure",
        "OutletKind": "planner.models.schedule.OutletKind",
        "AlertKind": "planner.models.delivery.AlertKind",
        "OccurrenceState": "planner.models.delivery.OccurrenceState",
        "DeliveryState": "planner.models.delivery.DeliveryState",
        "ReportLanguage": "planner.api.schedule_serializers.LANGUAGES",
        "Mode": "regions.models.choices.Mode",
    },
    "COMPONENT_SPLIT_REQUEST": True,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}

# --- Log and metrics ------------------------------------------------------------------------------------------------
LOGGING: dict[str, Any] = log_settings("plain", "WARNING")
# Who brings it as bearer may read /metrics; without it only administrators may.
METRICS_TOKEN = os.environ.get("METRICS_TOKEN", "")
# --- Delivery of scheduled reports ------------------------------------------------------------------------------------
# Nothing leaves the installation before the operator allows where to: domains (".example.org" with all below it, "*" any).
REPORT_EMAIL_DOMAINS = env_list("REPORT_EMAIL_DOMAINS")
REPORT_EMAIL_MEGABYTES = env_int("REPORT_EMAIL_MEGABYTES", 10)
REPORT_WEBHOOK_DOMAINS = env_list("REPORT_WEBHOOK_DOMAINS")
REPORT_WEBHOOK_HTTP = env_bool("REPORT_WEBHOOK_HTTP", False)
# Networks that webhooks may call although they are not public, such as 10.1.0.0/16.
REPORT_WEBHOOK_NETWORKS = env_list("REPORT_WEBHOOK_NETWORKS")
REPORT_FOLDER = Path(os.environ.get("REPORT_FOLDER", DATA_DIR / "delivered")).resolve()
REPORT_S3_BUCKETS = env_list("REPORT_S3_BUCKETS")
REPORT_S3_ENDPOINT = os.environ.get("REPORT_S3_ENDPOINT", "")
REPORT_S3_REGION = os.environ.get("AWS_DEFAULT_REGION", "us-east-1")
# The address by which people reach this installation; links in deliveries start with it.
PUBLIC_URL = os.environ.get("PUBLIC_URL", "").rstrip("/")
EMAIL_HOST = os.environ.get("EMAIL_HOST", "")
EMAIL_PORT = env_int("EMAIL_PORT", 25)
EMAIL_HOST_USER = os.environ.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = env_bool("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = env_bool("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = 30
DEFAULT_FROM_EMAIL = os.environ.get("DEFAULT_FROM_EMAIL", "planner@localhost")
