"""The URL table: every address of the hub."""

from django.contrib import admin
from django.urls import include, path

handler500 = "pod_hub.accounts.api.views.server_error"
urlpatterns = [
    path("accounts/", include("allauth.account.urls")),
    path("operator/", admin.site.urls),
    path("api/", include("pod_hub.api_urls")),
    path("orders/", include("orders.urls")),
    path("", include("fulfillment.urls")),
    path("", include("pod_hub.ui.urls")),
    path("", include("pod_hub.accounts.urls")),
    path("portal/", include("pod_hub.portal_urls")),
    path("stores/", include("stores.urls")),
    path("catalog/", include("catalog.urls")),
]
