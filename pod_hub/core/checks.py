"""System checks that guard the wall while code is written; ``pod_hub.core.walls.missing_walls`` asks the database itself."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.core.checks import CheckMessage, Error, register
from django.db import models

from pod_hub.core.tenancy import TenantForeignKey, TenantModel, TenantOneToOneField
from pod_hub.core.walls import GLOBAL_TABLES


@register()
def every_model_has_a_tenant(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """A model is a tenant's or stands in the short list of global tables; references inside a tenant carry the tenant."""
    found: list[CheckMessage] = []
    for model in apps.get_models(include_auto_created=True):
        if not issubclass(model, TenantModel):
            if model._meta.db_table not in GLOBAL_TABLES:
                found.append(Error(f"{model._meta.label} is neither a TenantModel nor in GLOBAL_TABLES.", obj=model, id="hub.E001"))
            continue
        for field in model._meta.local_fields:
            if not isinstance(field, models.ForeignKey) or isinstance(field, TenantForeignKey | TenantOneToOneField):
                continue
            if isinstance(field.remote_field.model, type) and issubclass(field.remote_field.model, TenantModel):
                found.append(Error(f"{model._meta.label}.{field.name} must be a TenantForeignKey.", obj=model, id="hub.E002"))
    return found
