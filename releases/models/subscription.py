"""Subscriptions to reminders, with their notices and messages.

They are not part of the catalogue, so writing them does not invalidate cached pages.
"""

from __future__ import annotations

from typing import ClassVar
from uuid import uuid4

from django.db import models

from releases.domain import limits
from releases.domain.reminders.news import News
from releases.domain.reminders.schedule import Frequency, Schedule
from releases.domain.reminders.wishes import USUAL_DAYS, Releases, Wishes


def usual_days() -> list[int]:
    """Return the default days before an end of support."""
    return list(USUAL_DAYS)


class Channel(models.TextChoices):
    """The way and format in which messages are sent."""

    EMAIL = "email", "E-mail"
    GENERIC = "generic", "JSON (Standard Webhooks)"
    SLACK = "slack", "Slack"
    TEAMS = "teams", "Microsoft Teams"
    MATTERMOST = "mattermost", "Mattermost"
    DISCORD = "discord", "Discord"


class SubscriptionState(models.TextChoices):
    """The state of a subscription."""

    PENDING = "pending", "not confirmed"
    ACTIVE = "active", "active"
    PAUSED = "paused", "paused after failures"


class Subscription(models.Model):
    """A subscription of a person or program without an account.

    Signed links contain `public_id`. `view` is the canonical path and query of the page:
    `/django/`, `/?lts=1` or `/stack/?of=django:5.2`.
    """

    public_id = models.UUIDField(default=uuid4, unique=True, editable=False)
    channel = models.CharField(max_length=10, choices=Channel)
    address = models.CharField(
        max_length=limits.URL, help_text="The e-mail address, or the address of the webhook."
    )
    secret = models.CharField(
        max_length=100, blank=True, editable=False, help_text="The key that signs webhooks."
    )
    view = models.CharField(max_length=2_000)
    days = models.JSONField(default=usual_days)
    dates = models.BooleanField(default=True)
    cycles = models.BooleanField(default=True)
    releases = models.CharField(
        max_length=8,
        choices=[(each.value, each.value) for each in Releases],
        default=Releases.SECURITY.value,
    )
    frequency = models.CharField(
        max_length=9,
        choices=[(each.value, each.value) for each in Frequency],
        default=Frequency.DAILY.value,
    )
    hour = models.PositiveSmallIntegerField(default=8)
    weekday = models.PositiveSmallIntegerField(default=0)
    zone = models.CharField(max_length=64, default="UTC")
    state = models.CharField(
        max_length=7, choices=SubscriptionState, default=SubscriptionState.PENDING
    )
    paused_because = models.CharField(max_length=limits.LINE, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    confirmed_at = models.DateTimeField(null=True)
    changes_until = models.DateTimeField(
        null=True, help_text="Changes up to this moment have been considered."
    )
    days_until = models.DateField(null=True, help_text="Ends up to this day have been considered.")
    failing_since = models.DateTimeField(null=True)
    view_gone = models.BooleanField(default=False, help_text="Its view no longer exists.")

    objects: ClassVar[models.Manager[Subscription]] = models.Manager()

    class Meta:
        ordering = ("pk",)
        indexes = (
            models.Index(fields=("state",), name="subscription_by_state"),
            models.Index(fields=("address",), name="subscription_by_address"),
        )

    def __str__(self) -> str:
        return f"{self.get_channel_display()}: {self.view}"

    @property
    def wishes(self) -> Wishes:
        """The choice of reminders."""
        return Wishes(tuple(self.days), self.dates, self.cycles, Releases(self.releases))

    @property
    def schedule(self) -> Schedule:
        """The times of messages."""
        return Schedule(Frequency(self.frequency), self.hour, self.weekday, self.zone)


class MessagePurpose(models.TextChoices):
    """The purpose of a message."""

    CONFIRM = "confirm", "request to confirm"
    NEWS = "news", "news"
    TEST = "test", "test"


class Message(models.Model):
    """An e-mail or webhook request to a subscriber, pending or sent.

    `next_attempt_at` is also the lease: a worker that takes a message sets it to the time at which
    another worker may try again.
    """

    subscription = models.ForeignKey(Subscription, models.CASCADE, related_name="messages")
    public_id = models.UUIDField(default=uuid4, unique=True, editable=False)
    purpose = models.CharField(
        max_length=7, choices=MessagePurpose, default=MessagePurpose.NEWS.value
    )
    created_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True, help_text="Null: sent, or failed for good.")
    sent_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=limits.LINE, blank=True)

    objects: ClassVar[models.Manager[Message]] = models.Manager()

    class Meta:
        ordering = ("pk",)
        indexes = (models.Index(fields=("next_attempt_at",), name="message_by_attempt"),)

    def __str__(self) -> str:
        return str(self.public_id)


class Notice(models.Model):
    """One reminder for a subscriber: a coming end, a changed date, a new cycle or a release.

    `key` identifies its subject, so that no pass adds it twice. `facts` is its `News` at the time
    `noticed_at`. A notice without a message waits for `due_at`; it is `dropped` if it is no longer
    true then.
    """

    subscription = models.ForeignKey(Subscription, models.CASCADE, related_name="notices")
    message = models.ForeignKey(Message, models.CASCADE, related_name="notices", null=True)
    key = models.UUIDField()
    facts = models.JSONField()
    noticed_at = models.DateTimeField()
    due_at = models.DateTimeField()
    dropped = models.BooleanField(default=False)

    objects: ClassVar[models.Manager[Notice]] = models.Manager()

    class Meta:
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=("subscription", "key"), name="notice_once"),)
        indexes = (
            models.Index(
                fields=("due_at",),
                name="notice_waiting",
                condition=models.Q(message__isnull=True, dropped=False),
            ),
        )

    def __str__(self) -> str:
        return str(self.key)

    @property
    def news(self) -> News:
        """The facts as a record."""
        return News.from_json(self.facts)
