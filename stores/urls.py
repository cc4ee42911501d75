"""Stores, their listings and their connections."""

from django.urls import path

from stores.views import authorizing, billing, by_hand, connecting, dashboard, permission, self_test, wizard

app_name = "stores"
urlpatterns = [
    path("", dashboard.stores, name="stores"),
    path("add/", dashboard.add_store, name="add"),
    path("billing/", billing.billable_connections, name="billing"),
    path("connect/", wizard.platforms, name="platforms"),
    path("connect/new/", wizard.start, name="wizard_start"),
    path("add/without-marketplace/", by_hand.add, name="add_by_hand"),
    path("connect/<slug:kind>/return/", connecting.connect_return, name="connect_return"),
    path("connect/<slug:kind>/start/", wizard.channel_start, name="channel_start"),
    path("connect/<slug:public_id>/", wizard.wizard, name="wizard"),
    path("connect/<slug:public_id>/setup/", wizard.setup, name="wizard_setup"),
    path("connect/<slug:public_id>/setup/name/", wizard.suggest_name, name="wizard_name"),
    path("connect/<slug:public_id>/authorize/", authorizing.authorize, name="wizard_authorize"),
    path("connect/<slug:public_id>/authorize/here/", authorizing.authorize_here, name="wizard_here"),
    path("connect/<slug:public_id>/authorize/allow/", authorizing.allow_here, name="wizard_allow"),
    path("connect/<slug:public_id>/authorize/reuse/", authorizing.reuse, name="wizard_reuse"),
    path("connect/<slug:public_id>/authorize/send/", authorizing.send, name="wizard_send"),
    path("connect/<slug:public_id>/authorize/withdraw/", authorizing.take_back, name="wizard_withdraw"),
    path("connect/<slug:public_id>/authorize/state/", authorizing.answer_state, name="wizard_state"),
    path("connect/<slug:public_id>/finish/", wizard.finish, name="wizard_finish"),
    path("connect/<slug:public_id>/cancel/", wizard.cancel, name="wizard_cancel"),
    path("permission/answer/", permission.permission_answer, name="permission_answer"),
    path("permission/<str:token>/", permission.permission, name="permission"),
    path("permission/<str:token>/give/", permission.permission_give, name="permission_give"),
    path("permission/<str:token>/decline/", permission.permission_decline, name="permission_decline"),
    path("<slug:public_id>/", dashboard.store, name="store"),
    path("<slug:public_id>/settings/", dashboard.store_settings, name="settings"),
    path("<slug:public_id>/edit/", dashboard.edit_store, name="edit"),
    path("<slug:public_id>/connection/", connecting.connection, name="connection"),
    path("<slug:public_id>/connect/", wizard.start_for_store, name="connect"),
    path("<slug:public_id>/authorize/", connecting.authorize, name="authorize"),
    path("<slug:public_id>/ask-merchant/", connecting.ask_merchant, name="ask_merchant"),
    path("<slug:public_id>/pause/", connecting.pause_flow, name="pause"),
    path("<slug:public_id>/test/", self_test.start_self_test, name="test"),
    path("<slug:public_id>/test/result/", self_test.self_test, name="test_result"),
    path("<slug:public_id>/disconnect/", connecting.disconnect_store, name="disconnect"),
    path("<slug:public_id>/delete/", connecting.remove_store, name="delete"),
    path("<slug:public_id>/sync/", dashboard.sync, name="sync"),
    path("<slug:public_id>/sync/progress/", dashboard.sync_progress, name="sync_progress"),
]
