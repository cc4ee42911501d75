"""Addresses of production, shipping, cancelling and the order finder."""

from django.urls import path

from fulfillment.views.dashboard import cancelling, carriers, correcting, elsewhere, finder, labels, papers, production, pushes, shipping

app_name = "fulfillment"
urlpatterns = [
    path("find/", finder.finder, name="finder"),
    path("find/ask/", finder.ask, name="ask"),
    path("settings/carriers/", carriers.carriers, name="carriers"),
    path("settings/carriers/<slug:public_id>/remove/", carriers.remove, name="remove_carrier"),
    path("production/", production.production, name="production"),
    path("production/shipments/", pushes.shipments, name="shipments"),
    path("production/shipments/try-all-again/", pushes.try_all_again, name="try_all_again"),
    path("production/shipments/<slug:public_id>/", pushes.push, name="push"),
    path("production/shipments/<slug:public_id>/try-again/", pushes.try_again, name="try_again"),
    path("production/job-tickets.pdf", papers.job_tickets, name="job_tickets"),
    path("production/packing-slips.pdf", papers.packing_slips, name="packing_slips"),
    path("production/orders/<slug:public_id>/ship/", shipping.ship, name="ship"),
    path("production/orders/<slug:public_id>/label/", labels.label, name="label"),
    path("production/labels/<slug:public_id>/label.pdf", labels.document, name="label_document"),
    path("production/labels/<slug:public_id>/left/", labels.leave, name="label_left"),
    path("production/labels/<slug:public_id>/try-again/", labels.try_again, name="label_again"),
    path("production/orders/<slug:public_id>/shipped-elsewhere/", elsewhere.shipped_elsewhere, name="shipped_elsewhere"),
    path("production/orders/<slug:public_id>/cancel/", cancelling.cancel, name="cancel"),
    path("production/orders/<slug:public_id>/decline-cancellation/", cancelling.decline, name="decline_cancellation"),
    path("production/orders/<slug:public_id>/job-ticket.pdf", papers.job_ticket, name="job_ticket"),
    path("production/orders/<slug:public_id>/packing-slip.pdf", papers.packing_slip, name="packing_slip"),
    path("production/orders/<slug:public_id>/packages/<int:number>/correct/", correcting.correct, name="correct_package"),
    path("production/orders/<slug:public_id>/packages/<int:number>/packing-slip.pdf", papers.packing_slip_of_package, name="packing_slip_of_package"),
]
