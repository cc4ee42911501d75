"""Settings of the hub: one file of environment readers. ``docs/operations.md`` lists every variable.

``HUB_ENV`` is ``production`` (nothing may be missing), ``demo`` (what ``make demo`` starts) or ``test``. Unset means ``demo``.
"""

from __future__ import annotations

import logging
from pathlib import Path

import dj_database_url
import dj_email_url
import django_stubs_ext
from botocore.config import Config
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _
from redis.backoff import NoBackoff
from redis.retry import Retry

from pod_hub import env, logs, operator_theme

# Lets fields and querysets be written with their type arguments, which Django's own classes do not accept at run time.
django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
LOCAL_DIR = BASE_DIR / ".local"

HUB_ENV = env.text("HUB_ENV", purpose="production, demo or test", default="demo")
if HUB_ENV not in {"production", "demo", "test"}:
    raise env.SettingMissing(f"HUB_ENV={HUB_ENV!r} is unknown. Use production, demo or test.")
PRODUCTION = HUB_ENV == "production"
DEBUG = env.flag("DEBUG", purpose="show technical error pages; never in production", default=False)
if PRODUCTION and DEBUG:
    raise env.SettingMissing("DEBUG is on in production, which would show buyer data in error pages. Unset DEBUG.")

RANDOM_KEY = "Make one with: python -c 'import base64, os; print(base64.b64encode(os.urandom(32)).decode())'"
SECRET_KEY = env.secret(
    "SECRET_KEY",
    purpose="the key that signs sessions and links",
    how=RANDOM_KEY,
    production=PRODUCTION,
    default="development-only-key-that-production-refuses-to-start-with",
)
# "id:base64" pairs, newest first: the first one seals, all of them open. `manage.py rotate_keys` moves rows to the first.
FIELD_KEYS = env.secret(
    "FIELD_KEYS",
    purpose="the key ring that encrypts tokens and buyer data at rest, as id:base64 pairs, newest first",
    how=f"{RANDOM_KEY}, and put an id and a colon before it.",
    production=PRODUCTION,
    default="dev1:ZGV2ZWxvcG1lbnQtb25seS1maWVsZC1rZXktMzJieXQ=",
)
SEARCH_KEY = env.secret(
    "SEARCH_KEY",
    purpose="the key of the hashes by which API keys and buyers' postcode, e-mail and surname are found",
    how=RANDOM_KEY,
    production=PRODUCTION,
    default="ZGV2ZWxvcG1lbnQtb25seS1zZWFyY2gta2V5LTMyYnk=",
)
env.check_keys(FIELD_KEYS, SEARCH_KEY)
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", purpose="host names the hub answers to", default=["localhost", "127.0.0.1", "[::1]"])
PUBLIC_URL = env.text("PUBLIC_URL", purpose="the hub's own address, used in links and redirect addresses", default="http://localhost:8000").rstrip(
    "/"
)
if PRODUCTION:
    for _name in ("ALLOWED_HOSTS", "PUBLIC_URL"):
        if not env.is_set(_name):
            raise env.SettingMissing(f"{_name} is not set. It is {env.READ[_name].purpose}. Name the address under which people reach the hub.")
    if "*" in ALLOWED_HOSTS:
        raise env.SettingMissing("ALLOWED_HOSTS is *, so anybody could make the hub write links to a host of theirs. List the hub's host names.")
    if not PUBLIC_URL.startswith("https://"):
        raise env.SettingMissing(f"PUBLIC_URL={PUBLIC_URL} is not https: consents and sign-in would travel in the open. Give the https address.")
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]

# One factor shortens every *duration* rule together (intervals, quota refill, data lag), in the demo and nowhere else.
# Time stamps stay real. See docs/decisions/0004-time-factor.md.
TIME_FACTOR = env.number("TIME_FACTOR", purpose="divides every waiting time; 1 in production, 60 in the demo", default=1, at_least=1)
if PRODUCTION and TIME_FACTOR != 1:
    raise env.SettingMissing("TIME_FACTOR is not 1 in production, which would overrun the marketplaces' quotas. Unset it.")

# --- Applications -----------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "pod_hub.core",
    "pod_hub.mail.apps.MailConfig",
    "pod_hub.ui",
    "pod_hub.accounts.apps.AccountsConfig",
    "catalog",
    "stores",
    "orders",
    "fulfillment",
    "unfold.apps.BasicAppConfig",  # before Django's admin: its templates come first
    "pod_hub.accounts.apps.OperatorAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "axes",
    "csp",
    "django_htmx",
    "django_structlog",
    "drf_spectacular",
    "rest_framework",
]
if not PRODUCTION:
    INSTALLED_APPS.append("pod_hub.devstack")
MIDDLEWARE = [
    "pod_hub.health.HealthMiddleware",  # first: a probe speaks plain HTTP and names no host
    "pod_hub.metrics.MetricsMiddleware",  # so does Prometheus
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "pod_hub.unavailable.DatabaseAwayMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "pod_hub.request_log.RequestLogMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "pod_hub.accounts.sessions.LastSeenMiddleware",
    "pod_hub.accounts.own_look.OwnLookMiddleware",
    "pod_hub.accounts.middleware.TenantMiddleware",
    "pod_hub.accounts.second_factor.SecondFactorMiddleware",
    "pod_hub.badges.BadgesMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "pod_hub.urls"
WSGI_APPLICATION = "pod_hub.wsgi.application"
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
                "csp.context_processors.nonce",
                "pod_hub.ui.context.chrome",
            ],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static", "pod_hub.ui.templatetags.ui"],
        },
    }
]
FORM_RENDERER = "pod_hub.ui.form_renderer.FormRenderer"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Database and broker ----------------------------------------------------------------------------------------------
# Without the three addresses the embedded servers under .local/ are used; `pod_hub.devstack` starts them and sets these.
EMBEDDED_SOCKETS = env.text("EMBEDDED_SOCKETS", purpose="folder of the embedded servers' sockets (set by make demo)", default=str(LOCAL_DIR / "run"))
_APP = env.text(
    "DATABASE_URL",
    purpose="PostgreSQL as the application role, which owns nothing and obeys every policy",
    default=f"postgresql://hub_app@{EMBEDDED_SOCKETS.replace('/', '%2F')}/hub",
)
_OWNER = env.text(
    "DATABASE_OWNER_URL",
    purpose="PostgreSQL as the owner role; only migrations use it",
    default=f"postgresql://hub_owner@{EMBEDDED_SOCKETS.replace('/', '%2F')}/hub",
)
# Seconds; libpq's smallest. A server that does not answer must not hold a request or a probe.
# Statements that are kept (pod_hub.core.statements) are prepared when a connection asks them for the third time. Staging tables stay with a
# connection too, so a pooler that lends connections for one transaction would not do anyway.
_CONNECT = {"connect_timeout": 2, "prepare_threshold": 2}
DATABASES = {
    "default": dj_database_url.parse(_APP, conn_max_age=60, conn_health_checks=True),
    # Migrations only: `manage.py migrate --database owner`. No request and no task opens it.
    "owner": dj_database_url.parse(_OWNER),
}
for _database in DATABASES.values():
    _database["OPTIONS"] = _CONNECT | _database.get("OPTIONS", {})
DATABASE_ROUTERS = ["pod_hub.core.tenancy.OwnerRouter"]
REDIS_URL = env.text(
    "REDIS_URL",
    purpose="Redis or Valkey: broker, quota buckets, access-token cache",
    default=f"unix://{EMBEDDED_SOCKETS}/valkey.sock",
)
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "hub",
        "OPTIONS": {"db": 1, "socket_connect_timeout": 1, "socket_timeout": 1, "retry": Retry(NoBackoff(), 1)},
    }
}
if PRODUCTION:
    for _name in ("DATABASE_URL", "REDIS_URL"):
        if not env.is_set(_name):
            raise env.SettingMissing(f"{_name} is not set. It is {env.READ[_name].purpose}. Name a real server; the embedded one is for development.")
    if not env.is_set("DATABASE_OWNER_URL"):
        del DATABASES["owner"]  # web and workers have no business with it; only the process that migrates is given it

# --- People -----------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
if HUB_ENV == "test":
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # a tenth of a second per login adds up to minutes
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "pod_hub.accounts.adapter.ClosedSignupAdapter"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_PREVENT_ENUMERATION = True
# Failures are counted by address, and without the proxy in front every visitor would have the same one.
ALLAUTH_TRUSTED_PROXY_COUNT = int(
    env.number(
        "TRUSTED_PROXIES",
        purpose="how many proxies in front add to X-Forwarded-For; 1 in production, 0 elsewhere",
        default=1 if PRODUCTION else 0,
    )
)
# Everybody who sees buyers' data proves it is them by a second means. A PSP may ask it of everybody, in the demo too (Settings, Sign-in).
SECOND_FACTOR_FOR_BUYER_DATA = PRODUCTION
MFA_ADAPTER = "pod_hub.accounts.second_factor.SealedSecrets"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PRODUCTION  # http://localhost, which browsers trust too
MFA_TOTP_ISSUER = "Pod Hub"
# Addresses are not typed in by their owners: whoever invites somebody mails them there.
MFA_ALLOW_UNVERIFIED_EMAIL = True
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_USERNAME_FORM_FIELD = "login"
AXES_CLIENT_IP_CALLABLE = "pod_hub.accounts.client_address.client_address"
AXES_USERNAME_CALLABLE = "pod_hub.accounts.adapter.account_typed"
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False

# --- Mail -------------------------------------------------------------------------------------------------------------
EMAIL_URL = env.secret(
    "EMAIL_URL",
    purpose="the mail server that takes the hub's mails, as submission://user:password@host:587 (STARTTLS) or smtp://host:465?ssl=1",
    how="Ask whoever runs your mail; special characters of the password are percent-encoded.",
    production=PRODUCTION,
    default="smtp://localhost:1025",
)
_mail = env.mail_server(EMAIL_URL, dj_email_url.parse(EMAIL_URL))
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST, EMAIL_PORT = _mail["EMAIL_HOST"], _mail["EMAIL_PORT"]
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail["EMAIL_HOST_USER"] or "", _mail["EMAIL_HOST_PASSWORD"] or ""
EMAIL_USE_SSL, EMAIL_USE_TLS = _mail["EMAIL_USE_SSL"], _mail["EMAIL_USE_TLS"]
EMAIL_TIMEOUT = 10  # seconds for each step of the conversation
DEFAULT_FROM_EMAIL = env.text(
    "MAIL_FROM", purpose="the address the hub's mails come from; your mail server must let the hub use it", default="hub@localhost"
)
if PRODUCTION and not env.is_set("MAIL_FROM"):
    raise env.SettingMissing(f"MAIL_FROM is not set. It is {env.READ['MAIL_FROM'].purpose}. Give one, such as hub@example.com.")
MAIL_BRAND = "pod_hub.accounts.mail_brand.brand_of"
MAIL_ATTACHMENTS = {"bulk_import": "orders.services.bulk.reporting.result_file"}

# --- Links that people type -------------------------------------------------------------------------------------------
# Otherwise only public addresses are asked (pod_hub/core/typed_addresses.py).
TYPED_ADDRESSES_ALSO = env.words(
    "TYPED_ADDRESSES_ALSO", purpose="servers of this machine, as host:port, that typed links and storages may name (demo and tests)", default=[]
)
if PRODUCTION and TYPED_ADDRESSES_ALSO:
    raise env.SettingMissing("TYPED_ADDRESSES_ALSO is set in production: whoever types a link could reach into your network. Unset it.")

# --- Pages ------------------------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
FORMAT_MODULE_PATH = ["pod_hub.formats"]
LANGUAGES = [("en", _("English"))]
TIME_ZONE = "UTC"
USE_TZ = True
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
# Print files and artwork: a folder of this machine, or a bucket of any S3-compatible service.
FILE_STORAGE = env.text("FILE_STORAGE", purpose="where print files and artwork are kept: local, or s3", default="local")
if FILE_STORAGE not in {"local", "s3"}:
    raise env.SettingMissing(f"FILE_STORAGE={FILE_STORAGE!r} is unknown. Use local or s3.")
MEDIA_ROOT = Path(env.text("MEDIA_ROOT", purpose="folder of print files and artwork, where they are kept locally", default=str(LOCAL_DIR / "media")))
_BUCKET = {
    "bucket_name": env.text("S3_BUCKET", purpose="the bucket of print files and artwork, where FILE_STORAGE is s3", default=""),
    "endpoint_url": env.text("S3_ENDPOINT_URL", purpose="the S3 service's address; unset means Amazon's own", default="") or None,
    "region_name": env.text("S3_REGION", purpose="the bucket's region", default="") or None,
    "location": env.text("S3_PREFIX", purpose="what the names of the hub's files begin with in the bucket", default="").strip("/"),
    "access_key": env.text("S3_ACCESS_KEY_ID", purpose="the access key; unset, the machine's own role is used", default="") or None,
    "secret_key": env.text("S3_SECRET_ACCESS_KEY", purpose="the access key's secret", default="") or None,
}
if FILE_STORAGE == "s3" and not _BUCKET["bucket_name"]:
    raise env.SettingMissing("S3_BUCKET is not set, and FILE_STORAGE is s3. Name the bucket of print files and artwork.")
if FILE_STORAGE == "s3" and PRODUCTION and (_BUCKET["endpoint_url"] or "https://").startswith("http://"):
    raise env.SettingMissing("S3_ENDPOINT_URL is not https: print files and keys would travel in the open. Give the https address.")
STORAGES = {
    "default": {"BACKEND": "pod_hub.core.storage.WholeFiles"}
    if FILE_STORAGE == "local"
    else {
        "BACKEND": "pod_hub.core.storage.PrivateBucket",
        "OPTIONS": _BUCKET
        | {
            "client_config": Config(
                signature_version="s3v4", connect_timeout=5, read_timeout=20, retries={"mode": "standard", "total_max_attempts": 3}
            ),
            "querystring_expire": 600,
            "file_overwrite": True,  # names are made of the content
        },
    },
    "staticfiles": {
        "BACKEND": "pod_hub.ui.static_files.HashedStaticFiles" if PRODUCTION else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not PRODUCTION
COLOUR_PROFILES = env.text(
    "COLOUR_PROFILES", purpose="folder of the plants' own colour profiles (*.icc), offered by file name; unset, there are none", default=""
)
MEDIA_URL = "/media-is-never-served-directly/"

SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True  # pages carry the token themselves
SESSION_COOKIE_SAMESITE = "Lax"  # the consent comes back from the marketplace by a top-level GET
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SESSION_COOKIE_AGE = 12 * 3600
SECURE_CONTENT_TYPE_NOSNIFF = True
# "no-referrer" would make browsers send "Origin: null" with every form, which the CSRF check refuses.
SECURE_REFERRER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = PRODUCTION
SECURE_SSL_REDIRECT = env.flag("SSL_REDIRECT", purpose="send http visitors to https (production)", default=PRODUCTION)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PRODUCTION else None
X_FRAME_OPTIONS = "DENY"
# Browsers' preload list is a promise for a whole domain, for ever: its owner makes it, not the hub.
SILENCED_SYSTEM_CHECKS = ["security.W021"]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}

# --- Operators --------------------------------------------------------------------------------------------------------
UNFOLD = operator_theme.UNFOLD

# --- API --------------------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    # Keys only: without sessions a browser cannot be made to call it (no CSRF), and there is nothing to browse.
    "DEFAULT_AUTHENTICATION_CLASSES": ["pod_hub.accounts.api.keys.ApiKeyAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["pod_hub.accounts.api.keys.HasScope"],
    "DEFAULT_THROTTLE_CLASSES": ["pod_hub.accounts.api.throttle.KeyThrottle"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "pod_hub.accounts.api.schema.Operation",
    "DEFAULT_METADATA_CLASS": None,
    "EXCEPTION_HANDLER": "pod_hub.accounts.api.problems.as_problem",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Pod Hub API",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_NAME_OVERRIDES": {"StateEnum": "orders.api.shapes.ORDER_STATES", "PublicationStateEnum": "stores.api.publications.STATES"},
}

# --- Work -------------------------------------------------------------------------------------------------------------
CELERY_APP = "pod_hub.celery.app"
POLL_INTERVAL_S = env.number(
    "POLL_INTERVAL_S", purpose="seconds between two polls of one authorization (CS-15: 15 minutes)", default=900, at_least=60
)

# --- Amazon -----------------------------------------------------------------------------------------------------------
AMAZON_APPLICATION_ID = env.text(
    "AMAZON_APPLICATION_ID", purpose="the SP-API application's id (amzn1.sp.solution...)", default="amzn1.sp.solution.demo"
)
AMAZON_APPLICATION_NAME = env.text(
    "AMAZON_APPLICATION_NAME",
    purpose="the application's name as sellers read it on Amazon's permission page; shown before they go there",
    default="" if PRODUCTION else "Order hub for print providers",
)
AMAZON_CLIENT_ID = env.text("AMAZON_CLIENT_ID", purpose="Login with Amazon client id", default="amzn1.application-oa2-client.demo")
AMAZON_CLIENT_SECRET = env.secret(
    "AMAZON_CLIENT_SECRET",
    purpose="the Login with Amazon client secret, rotated every 180 days",
    how="Copy it from the developer console.",
    production=PRODUCTION,
    default="amzn1.oa2-cs.v1.demo",
)
AMAZON_REDIRECT_URI = env.text(
    "AMAZON_REDIRECT_URI", purpose="registered redirect address of the consent", default=f"{PUBLIC_URL}/stores/connect/amazon/return/"
)
# Where an imitation Amazon runs; empty means the real one, whose hosts stand in stores/channels/amazon/marketplaces.py.
AMAZON_SANDBOX_URL = env.text("AMAZON_SANDBOX_URL", purpose="base address of the imitation Amazon (demo and tests)", default="").rstrip("/")
if PRODUCTION and AMAZON_SANDBOX_URL:
    raise env.SettingMissing("AMAZON_SANDBOX_URL is set in production: orders would come from an imitation. Unset it.")
AMAZON_DRAFT_APP = env.flag("AMAZON_DRAFT_APP", purpose="the application is still a draft: adds version=beta to the consent", default=False)

# --- TikTok Shop ------------------------------------------------------------------------------------------------------
# Key, secret and service id belong to one application of the Partner Center. Without all three a production hub offers no TikTok Shop.
_IMITATION = {"KEY": "6hub4demo2pod", "SECRET": "0d1e3m0a5p7p9s2e4c6r8e0t1f3o5r7h9u2b4i6m", "ID": "7400000000000000001"}
_demo = dict.fromkeys(_IMITATION, "") if PRODUCTION else _IMITATION
TIKTOK_APP_KEY = env.text("TIKTOK_APP_KEY", purpose="the TikTok Shop application's key (Partner Center)", default=_demo["KEY"])
TIKTOK_APP_SECRET = env.text("TIKTOK_APP_SECRET", purpose="the TikTok Shop application's secret; it signs every request", default=_demo["SECRET"])
TIKTOK_SERVICE_ID = env.text("TIKTOK_SERVICE_ID", purpose="the service id in the application's authorization link", default=_demo["ID"])
_tiktok = {"TIKTOK_APP_KEY": TIKTOK_APP_KEY, "TIKTOK_APP_SECRET": TIKTOK_APP_SECRET, "TIKTOK_SERVICE_ID": TIKTOK_SERVICE_ID}
if any(_tiktok.values()):
    for _name, _value in _tiktok.items():
        if not _value:
            raise env.SettingMissing(f"{_name} is not set, but others of TikTok Shop are. It is {env.READ[_name].purpose}. Set all three, or none.")
        if PRODUCTION and _value in _IMITATION.values():
            raise env.SettingMissing(f"{_name} still has its development value. It is {env.READ[_name].purpose}. Copy it from the Partner Center.")
TIKTOK_REDIRECT_URI = env.text(
    "TIKTOK_REDIRECT_URI",
    purpose="the redirect address that is entered for the TikTok Shop application",
    default=f"{PUBLIC_URL}/stores/connect/tiktok/return/",
)
TIKTOK_API_URL = env.text("TIKTOK_API_URL", purpose="host of TikTok Shop's API", default="https://open-api.tiktokglobalshop.com").rstrip("/")
TIKTOK_AUTH_URL = env.text("TIKTOK_AUTH_URL", purpose="host of TikTok Shop's token requests", default="https://auth.tiktok-shops.com").rstrip("/")
# Two spellings are published for sellers of the United States; the Partner Center's "Copy authorization link" shows the one to use.
TIKTOK_CONSENT_URL = env.text(
    "TIKTOK_CONSENT_URL",
    purpose="the authorization link of TikTok Shop's Partner Center, without its query",
    default="https://services.tiktokshops.us/open/authorize",
)
# Where an imitation TikTok Shop runs; empty means the real one.
TIKTOK_SANDBOX_URL = env.text("TIKTOK_SANDBOX_URL", purpose="base address of the imitation TikTok Shop (demo and tests)", default="").rstrip("/")
if PRODUCTION and TIKTOK_SANDBOX_URL:
    raise env.SettingMissing("TIKTOK_SANDBOX_URL is set in production: orders would come from an imitation. Unset it.")
TIKTOK_REQUESTS_PER_S = env.number(
    "TIKTOK_REQUESTS_PER_S", purpose="requests a second that TikTok Shop takes for one application, shop and API", default=50, at_least=1
)

# --- Figures ----------------------------------------------------------------------------------------------------------
# Prometheus reads /metrics with it; without it there is no such page.
METRICS_TOKEN = env.text("METRICS_TOKEN", purpose="the token with which Prometheus may read /metrics; unset, there is no such page", default="")
if METRICS_TOKEN and len(METRICS_TOKEN) < 24:
    raise env.SettingMissing("METRICS_TOKEN is shorter than 24 characters and could be guessed. Make one with: openssl rand -hex 24")

# --- Logs -------------------------------------------------------------------------------------------------------------
# JSON lines in production, readable lines elsewhere. What must not be written down is dropped there too.
LOGGING_CONFIG = "pod_hub.logs.configure"
LOGGING = logs.logging_settings(json=PRODUCTION)
DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = logging.DEBUG  # one line a request is enough; the end of it says more
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = PRODUCTION
