"""Stores, their listings and their connections."""

from django.urls import path

from stores.views import connecting, dashboard

app_name = "stores"
urlpatterns = [
    path("", dashboard.stores, name="stores"),
    path("add/", dashboard.add_store, name="add"),
    path("connect/<slug:kind>/return/", connecting.connect_return, name="connect_return"),
    path("<str:public_id>/", dashboard.store, name="store"),
    path("<str:public_id>/settings/", dashboard.store_settings, name="settings"),
    path("<str:public_id>/edit/", dashboard.edit_store, name="edit"),
    path("<str:public_id>/connection/", connecting.connection, name="connection"),
    path("<str:public_id>/authorize/", connecting.authorize, name="authorize"),
    path("<str:public_id>/disconnect/", connecting.disconnect_store, name="disconnect"),
    path("<str:public_id>/sync/", dashboard.sync, name="sync"),
    path("<str:public_id>/sync/progress/", dashboard.sync_progress, name="sync_progress"),
]
