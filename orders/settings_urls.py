"""Addresses of order intake's part of the settings."""

from django.urls import path

from orders.views.dashboard import digest

app_name = "order_settings"
urlpatterns = [path("settings/digest/", digest.digest, name="digest")]
