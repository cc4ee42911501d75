"""Addresses of production and shipping."""

from django.urls import path

from fulfillment.views.dashboard import production, pushes, shipping

app_name = "fulfillment"
urlpatterns = [
    path("", production.production, name="production"),
    path("shipments/", pushes.shipments, name="shipments"),
    path("shipments/<slug:public_id>/", pushes.push, name="push"),
    path("shipments/<slug:public_id>/try-again/", pushes.try_again, name="try_again"),
    path("orders/<slug:public_id>/ship/", shipping.ship, name="ship"),
    path("orders/<slug:public_id>/job-ticket.pdf", production.job_ticket, name="job_ticket"),
]
