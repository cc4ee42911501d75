"""Addresses of order intake by API."""

from django.urls import path

from orders.api import views

urlpatterns = [
    path("orders", views.Orders.as_view(), name="orders"),
    path("orders/<slug:public_id>", views.OneOrder.as_view(), name="order"),
    path("orders/<slug:public_id>/release", views.Release.as_view(), name="release"),
    path("orders/<slug:public_id>/lines/move", views.MoveLines.as_view(), name="move_lines"),
    path("orders/<slug:public_id>/lines/<slug:line_id>/print-file", views.PrintFile.as_view(), name="print_file"),
    path("holds/<slug:public_id>/release", views.ReleaseHold.as_view(), name="release_hold"),
    path("intake-records", views.IntakeRecords.as_view(), name="intake_records"),
]
