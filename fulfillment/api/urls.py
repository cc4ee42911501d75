"""Addresses of shipping by API."""

from django.urls import path

from fulfillment.api import views

urlpatterns = [
    path("orders/<slug:public_id>/cancel", views.Cancel.as_view(), name="cancel"),
    path("orders/<slug:public_id>/packages", views.Packages.as_view(), name="packages"),
]
