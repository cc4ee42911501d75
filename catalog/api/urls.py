"""Addresses of the catalog by API."""

from django.urls import path

from catalog.api import views

urlpatterns = [
    path("products", views.Products.as_view(), name="products"),
    path("designs", views.Designs.as_view(), name="designs"),
]
