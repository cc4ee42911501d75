"""Every page of Django admin with a row of every kind, all secrets planted: none of them is on any page, in any form, history or refusal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from allauth.account.models import EmailAddress
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
from django.db import models, transaction
from django.urls import reverse

from pod_hub.accounts.models import Membership, OperatorVisit, Psp, User
from pod_hub.accounts.operators import is_secret
from pod_hub.core.sealing import SealedJSON
from pod_hub.core.tenancy import TenantModel, across_tenants
from tests.isolation.url_walk import Walk

pytestmark = pytest.mark.usefixtures("files_of_the_houses")


def planted(row: models.Model) -> Iterator[str]:
    """Put a fresh secret into each column that holds one, and yield it. Sealed columns hold marks already."""
    changes: dict[str, Any] = {}
    for field in row._meta.concrete_fields:
        if is_secret(field) and not isinstance(field, SealedJSON):
            changes[field.name] = uuid4() if isinstance(field, models.UUIDField) else f"plant{uuid4().hex[:24]}"[: field.max_length]
    if changes:
        type(row)._base_manager.filter(pk=row.pk).update(**changes)
    yield from map(str, changes.values())


def rows_in_admin(walk: Walk) -> dict[type[models.Model], models.Model]:
    """One row for each model of the admin."""
    owner = walk.north.house.owner
    LogEntry.objects.log_actions(walk.operator.pk, [owner], CHANGE, change_message=[{"changed": {"fields": ["Password"]}}])
    rows: dict[type[models.Model], models.Model] = {
        User: owner,
        Psp: walk.north.house.psp,
        Membership: Membership.objects.get(user=owner),
        OperatorVisit: OperatorVisit.objects.create(operator=walk.operator, psp=walk.north.house.psp, reason="seen"),
        EmailAddress: EmailAddress.objects.create(user=owner, email=owner.email),
        AccessAttempt: AccessAttempt.objects.create(
            username="ada", get_data="key=plantinaquery", post_data="password=plantinaform", http_accept="*", path_info="/", failures_since_start=1
        ),
    }
    rows |= {model: model.objects.get(pk=pk) for model, pk in walk.north.rows.items()}
    return {model: rows[model] for model in admin.site._registry}


def addresses(row: models.Model) -> Iterator[str]:
    name = f"admin:{row._meta.app_label}_{row._meta.model_name}"
    yield reverse(f"{name}_changelist")
    yield f"{reverse(f'{name}_changelist')}?q={row.pk}&o=1&_popup=1"
    yield reverse(f"{name}_add")
    for page in ("change", "history", "delete"):
        yield reverse(f"{name}_{page}", args=[row.pk])


def test_no_page_of_the_admin_shows_what_is_secret(walk: Walk) -> None:
    with transaction.atomic():
        browser = walk.browser(walk.operator)
        with across_tenants(reason="plant secrets"):
            rows = rows_in_admin(walk)
            secrets = {secret for row in rows.values() if isinstance(row, TenantModel) for secret in planted(row)}
        assert len(secrets) > 15
        secrets |= {mark for mark in walk.north.marks.where if mark.startswith("zqk")} | {"plantinaquery", "plantinaform"}
        secrets |= set(User.objects.values_list("password", flat=True)) | {browser.cookies[settings.SESSION_COOKIE_NAME].value}
        opened = 0
        for row in rows.values():
            for address in addresses(row):
                for answer in (browser.get(address), browser.post(address, {"post": "x", "psp": "nobody", "email": "x"})):
                    assert answer.status_code in {200, 302, 403}, (address, answer.status_code)
                    text = answer.content.decode()
                    opened += answer.status_code == 200
                    assert not {secret for secret in secrets if secret and secret in text}, address
        assert opened > 4 * len(rows)
        transaction.set_rollback(True)
