"""Addresses of production and shipping."""

from django.urls import path

from fulfillment.views.dashboard import papers, production, pushes, shipping

app_name = "fulfillment"
urlpatterns = [
    path("", production.production, name="production"),
    path("shipments/", pushes.shipments, name="shipments"),
    path("shipments/<slug:public_id>/", pushes.push, name="push"),
    path("shipments/<slug:public_id>/try-again/", pushes.try_again, name="try_again"),
    path("orders/<slug:public_id>/ship/", shipping.ship, name="ship"),
    path("job-tickets.pdf", papers.job_tickets, name="job_tickets"),
    path("packing-slips.pdf", papers.packing_slips, name="packing_slips"),
    path("orders/<slug:public_id>/job-ticket.pdf", papers.job_ticket, name="job_ticket"),
    path("orders/<slug:public_id>/packing-slip.pdf", papers.packing_slip, name="packing_slip"),
    path("orders/<slug:public_id>/packages/<int:number>/packing-slip.pdf", papers.packing_slip_of_package, name="packing_slip_of_package"),
]
