"""Designs and their editor: one address for the print provider's staff and for merchants, as with the connecting of listings."""

from django.urls import path

from catalog.views import artwork, designs, editor

app_name = "designs"
urlpatterns = [
    path("new/", designs.start, name="start"),
    path("<slug:public_id>/", designs.design, name="design"),
    path("<slug:public_id>/change/", designs.change, name="change"),
    path("<slug:public_id>/save/", designs.save, name="save"),
    path("<slug:public_id>/progress/", designs.progress, name="progress"),
    path("<slug:public_id>/place/", editor.place, name="place"),
    path("<slug:public_id>/draft/", editor.draft, name="draft"),
    path("<slug:public_id>/artwork/", artwork.earlier, name="artwork"),
    path("<slug:public_id>/artwork/upload/", artwork.upload, name="upload"),
    path("artwork/<slug:public_id>/picture/", artwork.picture, name="picture"),
]
