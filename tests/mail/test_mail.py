"""Mails as rows: what is stored, what arrives, what happens when the server says no, and what is left a week later."""

from __future__ import annotations

import logging
import re
from datetime import timedelta

import pytest
import time_machine
from django.db import connection, transaction
from django.utils.timezone import now
from pytest_django import Settings

from pod_hub.core.outbox import MOST_ATTEMPTS, Delivery
from pod_hub.core.tenancy import NoTenant, across_tenants, tenant
from pod_hub.devstack.ports import any_free
from pod_hub.mail.delivering import deliver_next, empty_old, try_again
from pod_hub.mail.models import Mail
from pod_hub.mail.queueing import queue_mail
from tests.factories.cast import House
from tests.mail.conftest import PostOffice

pytestmark = pytest.mark.django_db
SECRET = "https://hub.test/at/s3cr3t"


def ask(to: str = "ada@ada.test", key: str = "reset:1", **further: str) -> None:
    queue_mail(to=to, template="password_reset", context={"link": SECRET}, key=key, **further)


def the_mail() -> Mail:
    with across_tenants(reason="look at the one mail"):
        return Mail.objects.get()


def the_mail_ids() -> set[str]:
    with across_tenants(reason="look at all mails"):
        return set(Mail.objects.values_list("public_id", flat=True))


def test_a_mail_arrives_with_the_tenants_name_as_text_and_html(north: House, post_office: PostOffice) -> None:
    with tenant(north.psp.pk):
        ask(reply_to="office@north.test")
    assert deliver_next() == 1
    (message,) = post_office.arrived
    assert message["From"] == f"{north.psp.name} <hub@localhost>"
    assert (message["To"], message["Reply-To"], message["Subject"]) == ("ada@ada.test", "office@north.test", "Set a new password")
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None and html is not None
    assert SECRET in text.get_content() and f'href="{SECRET}"' in html.get_content()
    assert north.psp.name in html.get_content()
    assert the_mail().delivery == Delivery.ACCEPTED


def test_names_with_signs_of_html_arrive_as_they_are_written(north: House, post_office: PostOffice) -> None:
    with tenant(north.psp.pk):
        queue_mail(
            to="ada@ada.test", template="notice", context={"subject": "Müller & Söhne", "text": "1 < 2 & 3"}, key="k", sender_name="A & B\r\nBcc: x"
        )
    deliver_next()
    (message,) = post_office.arrived
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None and html is not None
    assert message["Subject"] == "Müller & Söhne" and "1 < 2 & 3" in text.get_content() and "1 &lt; 2 &amp; 3" in html.get_content()
    assert message["Bcc"] is None


def test_asking_twice_with_one_key_mails_once_and_each_tenant_has_keys_of_its_own(north: House, south: House, post_office: PostOffice) -> None:
    for house in (north, north, south):
        with tenant(house.psp.pk):
            ask()
    ask()
    ask()
    assert deliver_next() == 3
    assert deliver_next() == 0
    assert len(post_office.arrived) == 3


def test_a_mail_is_rolled_back_with_what_it_tells_of(north: House, post_office: PostOffice) -> None:
    with tenant(north.psp.pk):
        with pytest.raises(RuntimeError), transaction.atomic():
            ask()
            raise RuntimeError
    assert deliver_next() == 0


def test_address_and_words_are_sealed_in_the_table(north: House) -> None:
    with tenant(north.psp.pk):
        ask()
        with connection.cursor() as cursor:
            cursor.execute("SELECT to_jsonb(m)::text, encode(to_sealed, 'escape') || encode(content_sealed, 'escape') FROM mail_mail m")
            (row,) = cursor.fetchall()
    assert not {"ada@ada.test", "s3cr3t"} & {word for word in ("ada@ada.test", "s3cr3t") for part in row if word in part}


def test_a_mail_of_no_tenant_is_seen_by_none(north: House) -> None:
    ask()
    with tenant(north.psp.pk):
        assert not Mail.objects.exists()
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM mail_mail")
            assert cursor.fetchone() == (0,)
    assert the_mail().psp_id is None


def test_a_mail_outside_any_scope_is_refused() -> None:
    with pytest.raises(NoTenant):
        Mail(key="k", template="notice").save()


@pytest.mark.parametrize("to", ["", "nobody", "a@b.test\nBcc: c@d.test", "a@b.test, c@d.test"])
def test_an_unusable_address_is_refused_without_being_quoted(to: str) -> None:
    with pytest.raises(ValueError, match="one usable address") as refused:
        ask(to=to)
    assert not to or to not in str(refused.value)


def test_an_address_that_does_not_exist_parks_the_mail_and_its_words_quote_no_address(north: House, post_office: PostOffice) -> None:
    post_office.to_recipient = "550 5.1.1 <{address}> is unknown here"
    with tenant(north.psp.pk):
        ask()
    deliver_next()
    mail = the_mail()
    assert mail.delivery == Delivery.PARKED
    assert "is unknown here" in mail.last_error and "ada@" not in mail.last_error
    post_office.to_recipient = "250 OK"
    with tenant(north.psp.pk):
        try_again(mail_id=mail.pk)
    deliver_next()
    assert len(post_office.arrived) == 1


def test_a_busy_server_is_asked_again_later_and_the_next_mail_goes_out(north: House, post_office: PostOffice) -> None:
    post_office.to_content = "451 come back later"
    with tenant(north.psp.pk):
        ask()
    deliver_next()
    assert the_mail().delivery == Delivery.PENDING and the_mail().not_before > now() + timedelta(seconds=20)
    assert deliver_next() == 0
    post_office.to_content = "250 OK"
    with time_machine.travel(now() + timedelta(minutes=1), tick=False):
        assert deliver_next() == 1
    assert len(post_office.arrived) == 1


def test_a_server_that_is_away_costs_attempts_until_the_mail_is_parked(north: House, settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", any_free(1)[0]
    with tenant(north.psp.pk):
        ask()
    for _attempt in range(MOST_ATTEMPTS):
        assert the_mail().delivery == Delivery.PENDING
        with across_tenants(reason="make it due"):
            Mail.objects.update(not_before=now())
        assert deliver_next() == 1
    assert the_mail().delivery == Delivery.PARKED
    assert "did not answer" in the_mail().last_error


def test_a_mail_that_does_not_open_is_parked_and_holds_up_no_other(north: House, post_office: PostOffice) -> None:
    with tenant(north.psp.pk):
        ask()
        Mail.objects.update(content_sealed=b"\x01gone\x00nothing")
        ask(key="reset:2")
    deliver_next()
    assert len(post_office.arrived) == 1
    with tenant(north.psp.pk):
        assert [mail.delivery for mail in Mail.objects.order_by("pk")] == [Delivery.PARKED, Delivery.ACCEPTED]


def test_a_week_after_delivery_nothing_of_it_is_left_but_the_proof(north: House, post_office: PostOffice) -> None:
    with tenant(north.psp.pk):
        ask()
    deliver_next()
    with time_machine.travel(now() + timedelta(days=6), tick=False):
        assert empty_old() == 0
    with time_machine.travel(now() + timedelta(days=8), tick=False):
        assert empty_old() == 1
        assert empty_old() == 0
    mail = the_mail()
    assert (mail.to_sealed, mail.content_sealed, mail.delivery) == (None, None, Delivery.ACCEPTED)


def test_a_mail_that_never_arrived_is_withdrawn_after_a_month(north: House, post_office: PostOffice) -> None:
    post_office.to_recipient = "550 unknown"
    with tenant(north.psp.pk):
        ask()
    deliver_next()
    with time_machine.travel(now() + timedelta(days=31), tick=False):
        assert empty_old() == 1
    assert (the_mail().delivery, the_mail().to_sealed) == (Delivery.WITHDRAWN, None)


def test_logs_name_the_mail_and_neither_address_nor_link(north: House, post_office: PostOffice, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    post_office.to_recipient = "550 <{address}> is unknown"
    with tenant(north.psp.pk):
        ask()
        ask(key="reset:2")
    deliver_next()
    said = "\n".join(record.getMessage() for record in caplog.records if record.name != "mail.log")  # that is the server's own
    assert the_mail_ids() <= set(re.findall(r"mal_\w+", said))
    assert "ada@ada.test" not in said and "s3cr3t" not in said
