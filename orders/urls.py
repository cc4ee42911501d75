"""Addresses of order intake."""

from django.urls import path

from orders.views.dashboard import files, ledger, mapping, order, orders

app_name = "orders"
urlpatterns = [
    path("", orders.orders, name="orders"),
    path("release/", orders.bulk_release, name="bulk_release"),
    path("import-now/<slug:public_id>/", orders.import_now, name="import_now"),
    path("attention/", orders.attention_inbox, name="attention"),
    path("ledger/", ledger.ledger, name="ledger"),
    path("ledger/decide-again/", ledger.decide_again, name="decide_again"),
    path("ledger/<int:record_id>/", ledger.record, name="record"),
    path("map/<slug:public_id>/", mapping.map_listing, name="map_listing"),
    path("print-files/", files.print_files, name="print_files"),
    path("files/<slug:public_id>/preview/", files.preview, name="file_preview"),
    path("lines/<slug:public_id>/print-file/", files.print_file, name="print_file"),
    path("lines/<slug:public_id>/personalisation/", order.personalisation, name="personalisation"),
    path("<slug:public_id>/", order.order, name="order"),
    path("<slug:public_id>/release/", order.release, name="release"),
    path("<slug:public_id>/move/", order.move, name="move"),
    path("<slug:public_id>/holds/<slug:hold_id>/release/", order.release_hold, name="release_hold"),
]
