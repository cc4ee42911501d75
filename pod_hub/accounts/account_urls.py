"""Signing in, out and back in: those of allauth's pages that the hub wants, each by name.

The rest is not there. Adding a second, unverified address or setting a password where there is none would be ways into an account that nobody
looks after. Names that allauth itself looks up lead to a 404.
"""

from __future__ import annotations

from allauth.account import views
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import include, path, re_path


def not_here(_request: HttpRequest, **_values: str) -> HttpResponse:
    """Answer as if there were no such page."""
    raise Http404


not_here.audience = "nobody"  # type: ignore[attr-defined]

urlpatterns = [
    path("login/", views.login, name="account_login"),
    path("logout/", views.logout, name="account_logout"),
    path("inactive/", views.account_inactive, name="account_inactive"),
    path("signup/", views.signup, name="account_signup"),  # says that accounts are made by invitation
    path("reauthenticate/", views.reauthenticate, name="account_reauthenticate"),
    path("password/change/", views.password_change, name="account_change_password"),
    path("password/reset/", views.password_reset, name="account_reset_password"),
    path("password/reset/done/", views.password_reset_done, name="account_reset_password_done"),
    path("password/reset/key/done/", views.password_reset_from_key_done, name="account_reset_password_from_key_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        views.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("2fa/", include("allauth.mfa.urls")),
    path("email/", not_here, name="account_email"),
    path("confirm-email/", not_here, name="account_email_verification_sent"),
    re_path(r"^confirm-email/(?P<key>[-:\w]+)/$", not_here, name="account_confirm_email"),
    path("password/set/", not_here, name="account_set_password"),
]
