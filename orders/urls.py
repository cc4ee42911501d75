"""Addresses of order intake."""

from django.urls import path

from orders.views.dashboard import buyer, editing, files, ledger, listing, mapping, order, orders, reconciliation, suggestions

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
    path("listings/<slug:public_id>/", listing.listing, name="listing"),
    path("listings/<slug:public_id>/accept/", listing.accept, name="accept_suggestion"),
    path("listings/<slug:public_id>/ignore/", listing.ignore, name="ignore_listing"),
    path("listings/<slug:public_id>/make-again/", listing.make_again, name="stop_ignoring"),
    path("listings/<slug:public_id>/disconnect/", listing.disconnect, name="disconnect_listing"),
    path("mappings/<slug:public_id>/undo/", listing.undo, name="undo_mapping"),
    path("mappings/<slug:public_id>/restore/", listing.restore, name="restore_mapping"),
    path("suggestions/<slug:public_id>/", suggestions.suggestions, name="suggestions"),
    path("suggestion-runs/<slug:public_id>/", suggestions.run, name="suggestion_run"),
    path("suggestion-runs/<slug:public_id>/progress/", suggestions.run_progress, name="suggestion_progress"),
    path("suggestion-runs/<slug:public_id>/stop/", suggestions.stop, name="stop_suggestions"),
    path("suggestion-runs/<slug:public_id>/undo/", suggestions.undo, name="undo_suggestions"),
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
