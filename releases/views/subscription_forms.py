"""Forms that create and change subscriptions."""

from __future__ import annotations

from calendar import day_name
from functools import cache
from typing import Any, Final
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError

from releases.domain import limits
from releases.domain.reminders.schedule import Frequency, Schedule
from releases.domain.reminders.wishes import DAYS, USUAL_DAYS, Releases, Wishes
from releases.models import Channel
from releases.presentation.webhook_bodies import service_of
from releases.services.reminders.safe_http import address_problem
from releases.services.reminders.subscribe import Wanted, ascii_address

MAX_EMAIL: Final = 254
"""Maximum length of an e-mail address (RFC 5321)."""
_DAY_WORDS: Final = {0: "Last day", 1: "1 day", 365: "1 year"}


@cache
def time_zones() -> dict[str, str]:
    """Return the names of time zones by their form in lower case, sorted."""
    return {name.lower(): name for name in sorted(available_timezones()) if name != "localtime"}


class WantedForm(forms.Form):
    """The choice of reminders, and when to send them."""

    field_order = ("format", "address")
    days = forms.TypedMultipleChoiceField(
        label="Before support ends",
        required=False,
        coerce=int,
        choices=[(day, _DAY_WORDS.get(day, f"{day} days")) for day in DAYS],
        initial=USUAL_DAYS,
        widget=forms.CheckboxSelectMultiple,
    )
    dates = forms.BooleanField(
        label="Dates that are announced, moved or withdrawn", required=False, initial=True
    )
    cycles = forms.BooleanField(label="New release cycles", required=False, initial=True)
    releases = forms.ChoiceField(
        label="New releases",
        choices=[
            (Releases.SECURITY.value, "Security releases"),
            (Releases.ALL.value, "All releases"),
            (Releases.NONE.value, "None"),
        ],
        initial=Releases.SECURITY.value,
    )
    frequency = forms.ChoiceField(
        label="How often",
        choices=[
            (Frequency.DAILY.value, "Once a day"),
            (Frequency.WEEKLY.value, "Once a week"),
            (Frequency.IMMEDIATE.value, "At once"),
        ],
        initial=Frequency.DAILY.value,
        help_text="Reminders before an end of support always come at the hour below.",
    )
    hour = forms.TypedChoiceField(
        label="Hour", coerce=int, choices=[(hour, f"{hour:02}:00") for hour in range(24)], initial=8
    )
    weekday = forms.TypedChoiceField(
        label="Day of a weekly message", coerce=int, choices=enumerate(day_name), initial=0
    )
    zone = forms.CharField(
        label="Time zone",
        max_length=64,
        initial="UTC",
        widget=forms.TextInput(attrs={"list": "zones", "autocomplete": "off"}),
        help_text="For example Europe/Berlin.",
    )

    def clean_zone(self) -> str:
        """Return the name of a time zone, which may be entered in any case."""
        text = self.cleaned_data["zone"]
        name = time_zones().get(text.lower())
        if name is None:
            raise ValidationError(
                f"“{text}” is not a time zone. Enter a name such as Europe/Berlin, or UTC."
            )
        return name

    def clean(self) -> dict[str, Any]:
        """Reject a form that selects no reminders."""
        data: dict[str, Any] = super().clean() or {}
        asked = data.get("days"), data.get("dates"), data.get("cycles")
        if not any(asked) and data.get("releases") == Releases.NONE.value:
            raise ValidationError("Choose at least one kind of reminder.")
        return data

    @property
    def wanted(self) -> Wanted:
        """The values of a valid form."""
        data = self.cleaned_data
        return Wanted(
            Wishes(tuple(data["days"]), data["dates"], data["cycles"], Releases(data["releases"])),
            Schedule(Frequency(data["frequency"]), data["hour"], data["weekday"], data["zone"]),
        )


class EmailForm(WantedForm):
    """A new subscription by e-mail."""

    address = forms.EmailField(
        label="E-mail address",
        max_length=MAX_EMAIL,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        help_text="You receive a message with a link to confirm the address.",
    )

    def clean_address(self) -> str:
        """Return the address with its domain in ASCII and lower case.

        Quoted and encoded names are other spellings of an address, which would evade its limits.
        """
        address = ascii_address(self.cleaned_data["address"])
        name, _, domain = address.rpartition("@")
        if '"' in name or "=?" in name or "." not in domain or domain.startswith("["):
            raise ValidationError("Enter a valid email address.")
        return address


class WebhookForm(WantedForm):
    """A new subscription by webhook."""

    format = forms.ChoiceField(
        label="Format", choices=[each for each in Channel.choices if each[0] != Channel.EMAIL]
    )
    address = forms.CharField(
        label="Webhook URL",
        max_length=limits.URL,
        widget=forms.URLInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text="It receives a message with a link to confirm the address.",
    )

    def clean_address(self) -> str:
        """Refuse an address that no webhook may have, and the format of another service."""
        address: str = self.cleaned_data["address"]
        if problem := address_problem(address, settings.WEBHOOK_HOSTS):
            raise ValidationError(problem)
        service = service_of(address)
        if service and self.cleaned_data.get("format", service) != service:
            name = service.label
            self.add_error("format", f"This is a URL of {name}. Choose {name} as the format.")
        return address
