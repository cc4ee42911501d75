"""Addresses of production, shipping, cancelling and the order finder."""

from django.urls import path

from fulfillment.views.dashboard import cancelling, finder, production, pushes, shipping

app_name = "fulfillment"
urlpatterns = [
    path("find/", finder.finder, name="finder"),
    path("find/ask/", finder.ask, name="ask"),
    path("production/", production.production, name="production"),
    path("production/shipments/", pushes.shipments, name="shipments"),
    path("production/shipments/try-all-again/", pushes.try_all_again, name="try_all_again"),
    path("production/shipments/<slug:public_id>/", pushes.push, name="push"),
    path("production/shipments/<slug:public_id>/try-again/", pushes.try_again, name="try_again"),
    path("production/orders/<slug:public_id>/ship/", shipping.ship, name="ship"),
    path("production/orders/<slug:public_id>/cancel/", cancelling.cancel, name="cancel"),
    path("production/orders/<slug:public_id>/decline-cancellation/", cancelling.decline, name="decline_cancellation"),
    path("production/orders/<slug:public_id>/job-ticket.pdf", production.job_ticket, name="job_ticket"),
]
