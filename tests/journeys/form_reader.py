"""A browser without pictures: pages over HTTP, forms filled in by name as a person would, for the journey on the real processes."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

import httpx


@dataclass(slots=True)
class Form:
    """One form of a page: where it goes and what it holds before anybody types."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[str] = field(default_factory=list)  # their texts
    button_fields: list[tuple[str, str]] = field(default_factory=list)
    files: set[str] = field(default_factory=set)


class _Reader(HTMLParser):
    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address
        self.forms: list[Form] = []
        self.links: list[tuple[str, str]] = []
        self.text: list[str] = []
        self._form: Form | None = None
        self._select = self._link = ""
        self._in_button = self._in_textarea = False
        self._skip = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in {"script", "style"}:
            self._skip += 1
        if tag == "a" and "href" in given:
            self._link = urljoin(self.address, given["href"])
            self.links.append((self._link, ""))
        if tag == "form":
            self._form = Form(urljoin(self.address, given.get("action") or self.address), given.get("method", "get").lower())
            self.forms.append(self._form)
        if self._form is None:
            return
        name, kind = given.get("name", ""), given.get("type", "text")
        if tag == "input" and kind == "file":
            self._form.files.add(name)
        elif tag == "input" and name and (kind not in {"checkbox", "radio", "submit", "button"} or "checked" in given):
            self._form.fields[name] = given.get("value", "on" if kind == "checkbox" else "")
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and ("selected" in given or self._select not in self._form.fields):
            self._form.fields[self._select] = given.get("value", "")
        elif tag == "textarea" and name:
            self._form.fields[name] = ""
        elif tag == "button":
            self._in_button = True
            self._form.buttons.append("")
            self._form.button_fields.append((name, given.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        if tag in {"script", "style"}:
            self._skip -= 1
        if tag == "form":
            self._form = None
        if tag == "button":
            self._in_button = False
        if tag == "select":
            self._select = ""
        if tag == "a":
            self._link = ""

    def handle_data(self, data: str) -> None:
        if self._skip or not data.strip():
            return
        self.text.append(data.strip())
        if self._in_button and self._form is not None and self._form.buttons:
            self._form.buttons[-1] = f"{self._form.buttons[-1]} {data.strip()}".strip()
        if self._link and self.links:
            self.links[-1] = (self.links[-1][0], f"{self.links[-1][1]} {data.strip()}".strip())


class NotOnThePage(AssertionError):
    """Something a person would look for is not there."""


class Page:
    """One answer of a server, read."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer, self.address = answer, str(answer.url)
        reader = _Reader(self.address)
        if "html" in answer.headers.get("content-type", ""):
            reader.feed(answer.text)
        self.forms, self.links, self.text = reader.forms, reader.links, " ".join(reader.text)

    def form(self, *, to: str = "", button: str = "", has: str = "") -> Form:
        """Return the first form whose address ends as ``to``, with a button that says ``button`` and a field named ``has``."""
        for form in self.forms:
            fits = form.action.partition("?")[0].endswith(to) and (not has or has in form.fields or has in form.files)
            if fits and (not button or any(button in text for text in form.buttons)):
                return form
        raise NotOnThePage(f"{self.address} has no form to “{to}” with button “{button}” and field “{has}”. It says: {self.text[:600]}")

    def link(self, *, ends: str = "", says: str = "") -> str:
        """Return the first link whose address ends as ``ends`` and whose text holds ``says``."""
        for address, text in self.links:
            if address.partition("?")[0].endswith(ends) and says in text:
                return address
        raise NotOnThePage(f"{self.address} has no link to “{ends}” that says “{says}”. It says: {self.text[:600]}")

    def expect(self, *texts: str) -> None:
        """Raise unless the page shows each of the texts."""
        for text in texts:
            if text not in self.text:
                raise NotOnThePage(f"{self.address} does not show “{text}”. It says: {self.text[:800]}")


class FormReader:
    """Walks pages with cookies, as one person."""

    def __init__(self) -> None:
        self.http = httpx.Client(follow_redirects=True, timeout=30, trust_env=False)

    def open(self, address: str) -> Page:
        """Open a page; an answer of 400 or above is a failure."""
        return self._read(self.http.get(address))

    def send(
        self,
        form: Form,
        typed: dict[str, str] | None = None,
        *,
        files: dict[str, tuple[str, bytes, str]] | None = None,
        button: tuple[str, str] | None = None,
    ) -> Page:
        """Fill in fields by name and send the form, pressing ``button`` where it has a name of its own; returns the page that follows."""
        data = form.fields | (typed or {}) | ({button[0]: button[1]} if button else {})
        if form.method == "post":
            return self._read(self.http.post(form.action, data=data, files=files, headers={"Referer": form.action}))
        return self._read(self.http.get(form.action, params=data))

    @staticmethod
    def _read(answer: httpx.Response) -> Page:
        page = Page(answer)
        if answer.status_code >= 400:
            raise NotOnThePage(f"{answer.request.method} {answer.url} answered {answer.status_code}: {page.text[:500]}")
        return page
