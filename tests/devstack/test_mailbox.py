"""The demo's mailbox: takes mails over SMTP, shows them, and lets none of them do anything to the page."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from flask.testing import FlaskClient

from pod_hub.devstack.mailbox.box import Box
from pod_hub.devstack.mailbox.pages import create_pages
from pod_hub.devstack.ports import any_free


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[Box, int]]:
    box = Box(tmp_path / "mail")
    (port,) = any_free(1)
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    yield box, port
    controller.stop()


def send(port: int, subject: str, html: str = "<html><head></head><body><script>alert(1)</script><b>Hi</b></body></html>") -> None:
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = subject, "Northprint <hub@localhost>", "ada@ada.test"
    message.set_content("Hi https://hub.test/x")
    message.add_alternative(html, subtype="html")
    with smtplib.SMTP("127.0.0.1", port) as connection:
        connection.send_message(message)


def pages_of(box: Box) -> FlaskClient:
    return create_pages(box).test_client()


def test_mails_are_listed_newest_first_and_found_by_address(server: tuple[Box, int]) -> None:
    box, port = server
    send(port, "First")
    send(port, "Second & <third>")
    page = pages_of(box).get("/").text
    assert page.index("Second &amp; &lt;third&gt;") < page.index("First")
    assert "First" in pages_of(box).get("/?to=ADA@").text
    assert "No mail to an address" in pages_of(box).get("/?to=ben").text


def test_a_mail_is_shown_as_html_that_runs_nothing_and_as_text_with_links(server: tuple[Box, int]) -> None:
    box, port = server
    send(port, "Hi")
    (mail,) = box.mails()
    pages = pages_of(box)
    assert f'src="/mail/{mail.name}/html"' in pages.get(f"/mail/{mail.name}").text
    html = pages.get(f"/mail/{mail.name}/html")
    assert "<b>Hi</b>" in html.text and html.headers["Content-Security-Policy"].startswith("sandbox allow-popups ")
    assert "allow-scripts" not in html.headers["Content-Security-Policy"] and html.headers["Referrer-Policy"] == "no-referrer"
    assert 'href="https://hub.test/x"' in pages.get(f"/mail/{mail.name}?as=text").text


@pytest.mark.parametrize("name", ["..%2Fsecret", "1234567890123-zzzzzzzz", "x"])
def test_no_other_file_can_be_read(server: tuple[Box, int], name: str) -> None:
    box, _port = server
    (box.folder.parent / "secret.eml").write_text("Subject: secret\n\nsecret")
    assert pages_of(box).get(f"/mail/{name}").status_code == 404


def test_mails_survive_a_restart(server: tuple[Box, int]) -> None:
    box, port = server
    send(port, "Kept")
    assert [mail.subject for mail in Box(box.folder).mails()] == ["Kept"]
