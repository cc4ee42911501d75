"""Addresses of stores by API."""

from django.urls import path

from stores.api import views

urlpatterns = [
    path("stores", views.Stores.as_view(), name="stores"),
    path("publications", views.Publications.as_view(), name="publications"),
    path("publications/<slug:public_id>", views.OnePublication.as_view(), name="publication"),
]
