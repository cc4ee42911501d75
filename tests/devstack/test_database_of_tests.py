"""The suite runs as the application role: one that connected as owner would pass with every policy missing."""

from __future__ import annotations

import pytest
from django.db import ProgrammingError, connection


@pytest.mark.django_db
def test_tests_run_as_the_application_role_on_a_database_of_their_own() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, current_database(), (SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user)")
        user, database, above_policies = cursor.fetchone()
    assert user == "hub_app"
    assert database.startswith("test_hub")
    assert above_policies is False


@pytest.mark.django_db
def test_tests_own_no_table() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FILTER (WHERE tableowner = current_user), count(*) FROM pg_tables WHERE schemaname = 'public'")
        own, everything = cursor.fetchone()
        assert own == 0
        assert everything > 10
        with pytest.raises(ProgrammingError, match="permission denied"):
            cursor.execute("CREATE TABLE mine (id int)")


@pytest.mark.django_db(transaction=True)
def test_transactional_tests_can_empty_the_tables() -> None:
    from pod_hub.accounts.models import User

    User.objects.create(email="left-behind@northprint.example")


@pytest.mark.django_db(transaction=True)
def test_transactional_test_finds_empty_tables() -> None:
    from pod_hub.accounts.models import User

    assert not User.objects.filter(email="left-behind@northprint.example").exists()


@pytest.mark.django_db(transaction=True)
def test_transactional_test_finds_what_migrations_have_put_there() -> None:
    from django.contrib.contenttypes.models import ContentType

    assert ContentType.objects.filter(app_label="accounts", model="user").exists()
