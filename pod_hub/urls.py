"""The URL table: every address of the hub."""

from django.contrib import admin
from django.urls import include, path

from pod_hub.accounts.middleware import outside_scope
from pod_hub.stored_file import stored_file
from pod_hub.system_page import system
from stores.views.product_picture import product_picture

handler500 = "pod_hub.accounts.api.views.server_error"
urlpatterns = [
    path("accounts/", include("pod_hub.accounts.account_urls")),
    path("operator/system/", outside_scope(admin.site.admin_view(system)), name="system"),
    path("operator/", admin.site.urls),
    path("api/", include("pod_hub.api_urls")),
    path("orders/", include("orders.urls")),
    path("", include("orders.settings_urls")),
    path("", include("fulfillment.urls")),
    path("", include("pod_hub.ui.urls")),
    path("", include("pod_hub.accounts.urls")),
    path("portal/", include("pod_hub.portal_urls")),
    path("stores/", include("stores.urls")),
    path("catalog/", include("catalog.urls")),
    path("stored/<str:token>/", stored_file, name="stored_file"),
    path("product-pictures/<str:token>/", product_picture, name="product_picture"),
    path("designs/", include("catalog.design_urls")),
]
