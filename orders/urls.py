"""Addresses of order intake."""

from django.urls import path

from orders.views.dashboard import bulk, buyer, editing, files, ledger, mapping, order, orders, reconciliation

app_name = "orders"
urlpatterns = [
    path("", orders.orders, name="orders"),
    path("release/", orders.bulk_release, name="bulk_release"),
    path("approve/", orders.bulk_approve, name="bulk_approve"),
    path("import-now/<slug:public_id>/", orders.import_now, name="import_now"),
    path("attention/", orders.attention_inbox, name="attention"),
    path("ledger/", ledger.ledger, name="ledger"),
    path("ledger/decide-again/", ledger.decide_again, name="decide_again"),
    path("ledger/<int:record_id>/", ledger.record, name="record"),
    path("map/<slug:public_id>/", mapping.map_listing, name="map_listing"),
    path("bulk/<slug:public_id>/", bulk.bulk, name="bulk"),
    path("bulk/<slug:public_id>/export/", bulk.export, name="bulk_export"),
    path("imports/<slug:public_id>/", bulk.bulk_import, name="bulk_import"),
    path("imports/<slug:public_id>/progress/", bulk.progress, name="bulk_progress"),
    path("imports/<slug:public_id>/apply/", bulk.apply, name="bulk_apply"),
    path("imports/<slug:public_id>/cancel/", bulk.cancel, name="bulk_cancel"),
    path("imports/<slug:public_id>/undo/", bulk.undo, name="bulk_undo"),
    path("imports/<slug:public_id>/result/", bulk.result, name="bulk_result"),
    path("print-files/", files.print_files, name="print_files"),
    path("files/<slug:public_id>/preview/", files.preview, name="file_preview"),
    path("lines/<slug:public_id>/print-file/", files.print_file, name="print_file"),
    path("lines/<slug:public_id>/personalisation/", order.personalisation, name="personalisation"),
    path("lines/<slug:public_id>/artwork/", editing.artwork, name="edit_artwork"),
    path("lines/<slug:public_id>/quantity/", editing.quantity, name="edit_quantity"),
    path("reconciliation/<slug:public_id>/", reconciliation.progress, name="reconciliation"),
    path("reconciliation/<slug:public_id>/check-now/", reconciliation.check_now, name="check_now"),
    path("<slug:public_id>/", order.order, name="order"),
    path("<slug:public_id>/release/", order.release, name="release"),
    path("<slug:public_id>/address/", editing.address, name="edit_address"),
    path("<slug:public_id>/remove-buyer-data/", buyer.remove, name="remove_buyer_data"),
    path("<slug:public_id>/move/", order.move, name="move"),
    path("<slug:public_id>/holds/<slug:hold_id>/release/", order.release_hold, name="release_hold"),
]
