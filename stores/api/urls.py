"""Addresses of stores by API."""

from django.urls import path

from stores.api import views

urlpatterns = [path("stores", views.Stores.as_view(), name="stores")]
