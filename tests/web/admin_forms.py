"""The form data that a browser would submit from a page of the admin."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from django.test import Client

FormData = dict[str, list[str]]


class _Form(HTMLParser):
    """Collects the field values of the form with the given id."""

    def __init__(self, form: str) -> None:
        super().__init__()
        self.sent: FormData = {}
        self._form, self._inside = form, False
        self._select = self._text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        name = given.get("name", "")
        match tag:
            case "form":
                self._inside = given.get("id") == self._form
            case "select":
                self._select = name
            case "option" if "selected" in given:
                self._add(self._select, given["value"])
            case "textarea":
                self._add(name, "")
                self._text = name
            case "input" if given.get("type") in ("checkbox", "radio"):
                if "checked" in given:
                    self._add(name, given.get("value", "on"))
            case "input" if given.get("type") not in ("submit", "button"):
                self._add(name, given.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        if tag == "textarea":
            # The first line break after the tag is not part of the text.
            if self._text in self.sent:
                self.sent[self._text][-1] = self.sent[self._text][-1].removeprefix("\n")
            self._text = ""

    def handle_data(self, data: str) -> None:
        if self._text in self.sent:
            self.sent[self._text][-1] += data

    def _add(self, name: str, value: str) -> None:
        if self._inside and name and "__prefix__" not in name:
            self.sent.setdefault(name, []).append(value)


def form_data(html: str, form: str) -> FormData:
    """Return the field values of the form with this id on a page."""
    parser = _Form(form)
    parser.feed(html)
    return parser.sent


def open_form(client: Client, address: str) -> FormData:
    """Request an admin form and return its field values."""
    answer = client.get(address)
    assert answer.status_code == 200, address
    return rendered_form(answer)


def rendered_form(answer: Any) -> FormData:
    """Return the field values of the admin form in a response."""
    return form_data(answer.content.decode(), f"{answer.context['opts'].model_name}_form")


def delete(client: Client, address: str, **fields: str) -> Any:
    """Request a deletion page and confirm it."""
    answer = client.get(address)
    assert answer.status_code == 200, address
    return client.post(address, deletion_form(answer) | fields)


def deletion_form(answer: Any) -> FormData:
    """Return the field values of the confirmation form on a deletion page."""
    return form_data(answer.content.decode(), "delete_form")
