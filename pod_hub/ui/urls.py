"""The styleguide, which production does not have."""

from django.conf import settings
from django.urls import path

from pod_hub.ui import views

app_name = "ui"
urlpatterns = [] if settings.HUB_ENV == "production" else [path("styleguide/", views.styleguide, name="styleguide")]
if urlpatterns:
    urlpatterns.append(path("styleguide/progress/", views.styleguide_progress, name="styleguide_progress"))
