"""Stores, their listings and their connections."""

from django.urls import path

from stores.views import by_hand, connecting, dashboard

app_name = "stores"
urlpatterns = [
    path("", dashboard.stores, name="stores"),
    path("add/", dashboard.add_store, name="add"),
    path("add/without-marketplace/", by_hand.add, name="add_by_hand"),
    path("connect/<slug:kind>/return/", connecting.connect_return, name="connect_return"),
    path("<slug:public_id>/", dashboard.store, name="store"),
    path("<slug:public_id>/settings/", dashboard.store_settings, name="settings"),
    path("<slug:public_id>/edit/", dashboard.edit_store, name="edit"),
    path("<slug:public_id>/connection/", connecting.connection, name="connection"),
    path("<slug:public_id>/authorize/", connecting.authorize, name="authorize"),
    path("<slug:public_id>/disconnect/", connecting.disconnect_store, name="disconnect"),
    path("<slug:public_id>/sync/", dashboard.sync, name="sync"),
    path("<slug:public_id>/sync/progress/", dashboard.sync_progress, name="sync_progress"),
]
