"""What a browser sends of a page of the admin: the values of all the fields of its form."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from django.test import Client

Sent = dict[str, list[str]]


class _Form(HTMLParser):
    """Reads the fields of one form, given by its id."""

    def __init__(self, form: str) -> None:
        super().__init__()
        self.sent: Sent = {}
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
            # The first line break behind the tag is none of the text.
            if self._text in self.sent:
                self.sent[self._text][-1] = self.sent[self._text][-1].removeprefix("\n")
            self._text = ""

    def handle_data(self, data: str) -> None:
        if self._text in self.sent:
            self.sent[self._text][-1] += data

    def _add(self, name: str, value: str) -> None:
        if self._inside and name and "__prefix__" not in name:
            self.sent.setdefault(name, []).append(value)


def fields_of(html: str, form: str) -> Sent:
    """The fields of the form with this id, as they stand on a page."""
    parser = _Form(form)
    parser.feed(html)
    return parser.sent


def opened(client: Client, address: str) -> Sent:
    """A form of the admin as somebody opens it."""
    answer = client.get(address)
    assert answer.status_code == 200, address
    return shown(answer)


def shown(answer: Any) -> Sent:
    """The form on a page that was answered."""
    return fields_of(answer.content.decode(), f"{answer.context['opts'].model_name}_form")


def delete(client: Client, address: str, **fields: str) -> Any:
    """Opens the page that asks whether something is to be deleted, and says yes."""
    answer = client.get(address)
    assert answer.status_code == 200, address
    return client.post(address, asked(answer) | fields)


def asked(answer: Any) -> Sent:
    """The form on a page that asks whether something is to be deleted."""
    return fields_of(answer.content.decode(), "delete_form")
