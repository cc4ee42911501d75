"""The API's address table, version 1: what each app offers, the description, and a problem for everything else."""

from django.urls import include, path, re_path

from pod_hub.accounts.api.reference import description, reference
from pod_hub.accounts.api.views import NothingHere

app_name = "api"
urlpatterns = [
    path("v1/schema/", description, name="schema"),
    path("v1/docs/", reference, name="docs"),
    path("v1/", include("catalog.api.urls")),
    path("v1/", include("stores.api.urls")),
    path("v1/", include("orders.api.urls")),
    path("v1/", include("fulfillment.api.urls")),
    re_path("", NothingHere.as_view(), name="nothing"),
]
