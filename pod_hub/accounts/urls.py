"""Start, customers and settings."""

from django.urls import path

from pod_hub.accounts.views import api_keys, dashboard, mails, paper

app_name = "accounts"
urlpatterns = [
    path("", dashboard.start, name="start"),
    path("customers/", dashboard.customers, name="customers"),
    path("customers/add/", dashboard.add_customer, name="add_customer"),
    path("customers/<slug:public_id>/", dashboard.customer, name="customer"),
    path("customers/<slug:public_id>/edit/", dashboard.edit_customer, name="edit_customer"),
    path("customers/<slug:public_id>/storefronts/", dashboard.switch_storefronts, name="switch_storefronts"),
    path("customers/<slug:public_id>/trading-names/", dashboard.add_trading_name, name="add_trading_name"),
    path("trading-names/<slug:public_id>/", paper.edit_trading_name, name="edit_trading_name"),
    path("trading-names/<slug:public_id>/logo.png", paper.logo, name="logo"),
    path("settings/", dashboard.settings_page, name="settings"),
    path("settings/file-names/", paper.file_names, name="file_names"),
    path("settings/file-names/preview/", paper.preview_file_name, name="preview_file_name"),
    path("settings/api-keys/", api_keys.api_keys, name="api_keys"),
    path("settings/api-keys/add/", api_keys.add_api_key, name="add_api_key"),
    path("settings/api-keys/<slug:public_id>/revoke/", api_keys.revoke_api_key, name="revoke_api_key"),
    path("settings/mails/", mails.mails, name="mails"),
    path("settings/mails/<slug:public_id>/", mails.decide, name="decide_mail"),
    path("settings/facilities/add/", dashboard.add_facility, name="add_facility"),
    path("settings/facilities/<slug:public_id>/", dashboard.edit_facility, name="edit_facility"),
]
