"""A URL table that knows only some of the pages the navigation names."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path


def page(request: HttpRequest) -> HttpResponse:
    """Any page."""
    return HttpResponse()


urlpatterns = [
    path("", include("pod_hub.ui.urls")),
    path("orders/", include(([path("", page, name="orders"), path("attention/", page, name="attention")], "orders"))),
    path("stores/", include(([path("", page, name="stores")], "stores"))),
]
