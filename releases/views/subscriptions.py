"""Subscriptions to reminders: the form, and the pages that messages link to.

None of these pages is cached. The token in the address of a page authorizes its requests. Other
sites cannot know it, so these pages need no CSRF token and no cookie. They send no referrer.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Final
from urllib.parse import urlencode

from django.conf import settings
from django.forms import model_to_dict
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from releases.delivery.watch import canonical_view
from releases.models import Channel, Subscription, SubscriptionState
from releases.presentation.reminders import links_of, view_title
from releases.presentation.subscriptions import (
    confirmation_id,
    is_expired,
    subscription_id,
    subscription_page,
)
from releases.selectors.subscriptions import subscription_called
from releases.services.reminders.outbox import resume
from releases.services.reminders.subscribe import (
    TooManyError,
    add_test,
    change,
    confirm,
    subscribe,
    unsubscribe,
)
from releases.views.subscription_forms import EmailForm, WantedForm, WebhookForm, time_zones
from releases.web import clock
from releases.web.refusals import refusal
from releases.web.throttling import is_throttled

FORMS_PER_HOUR: Final = 20
"""Maximum number of subscriptions that a client can request per hour and worker process."""
DONE: Final = {
    "confirmed": "Confirmed. You will receive reminders from now on.",
    "changed": "Saved.",
    "resumed": "Resumed. Pending reminders will be sent now.",
    "test": "A test message will be sent now.",
}
"""The messages after an action, by the value of `?done=`."""

View = Callable[..., HttpResponse]


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def subscribe_form(request: HttpRequest) -> HttpResponse:
    """`/subscribe/?view=/django/`: the form of a new subscription, by e-mail or by webhook."""
    if not settings.REMINDERS:
        raise Http404("This site sends no reminders.")
    values = request.POST if request.method == "POST" else request.GET
    view = _view(values.get("view", "") or reverse("releases:roadmap"))
    if view is None:
        return _message(request, "no_view", status=404)
    channel = values.get("channel", Channel.EMAIL)
    by_email = settings.REMINDERS_BY_EMAIL and channel == Channel.EMAIL
    form: EmailForm | WebhookForm = (EmailForm if by_email else WebhookForm)(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if is_throttled(request, "subscribe", FORMS_PER_HOUR):
            return _too_many()
        if found := _subscribe(form, view):
            return _see(found)
    context = {
        "form": form,
        "view": view,
        "by_email": by_email,
        "label": view_title(view),
        "zones": time_zones().values(),
    }
    return _page(request, "subscribe", context)


def _view(address: str) -> str | None:
    """Return the canonical view of an address of this site, or None."""
    if not address.startswith("/") or address.startswith("//") or "\x00" in address:
        return None
    return canonical_view(address, clock.today())


def _subscribe(form: EmailForm | WebhookForm, view: str) -> str:
    """Create a subscription; return the path of the next page, or "" if a limit is reached.

    For e-mail, the next page is always the same, so that it reveals nothing about an address.
    """
    data, sent = form.cleaned_data, reverse("releases:subscribe_sent")
    channel = Channel(data.get("format", Channel.EMAIL))
    try:
        made = subscribe(channel, data["address"], view, form.wanted, clock.now())
    except TooManyError as error:
        if channel is Channel.EMAIL:
            return sent
        form.add_error("address", str(error))
        return ""
    return sent if channel is Channel.EMAIL else _own_path(made)


def _too_many() -> HttpResponse:
    response = refusal(
        429,
        "Too many subscriptions",
        "Your network has requested many subscriptions. Try again in an hour.",
    )
    response["Retry-After"] = "3600"
    return response


@never_cache
@require_safe
def subscribe_sent(request: HttpRequest) -> HttpResponse:
    """`/subscribe/sent/`: the response to the form, the same for every address."""
    return _page(request, "sent", {"mail_folder": settings.MAIL_FOLDER})


def _private(view: View) -> View:
    """Return a view for a page whose address contains a token."""

    @csrf_exempt
    @never_cache
    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(view)
    def page(request: HttpRequest, token: str) -> HttpResponse:
        response = view(request, token)
        response["Referrer-Policy"] = "no-referrer"
        response["X-Robots-Tag"] = "noindex"
        return response

    return page


@_private
def confirm_subscription(request: HttpRequest, token: str) -> HttpResponse:
    """`/subscriptions/confirm/<token>/`: a button to confirm, as programs may follow links."""
    public_id = confirmation_id(token)
    found = _find(public_id)
    if found is None:
        return _message(request, "expired" if public_id else "no_link", status=404)
    if found.state != SubscriptionState.PENDING:
        return _see(_own_path(found), "confirmed")
    context = {"subscription": found, "label": view_title(found.view)}
    if is_expired(token):
        return _message(request, "expired", context, status=404)
    if request.method == "POST":
        try:
            confirm(found, clock.now())
        except TooManyError as error:
            context["problem"] = str(error)
        else:
            return _see(_own_path(found), "confirmed")
    return _page(request, "confirm", context)


@_private
def subscription(request: HttpRequest, token: str) -> HttpResponse:
    """`/subscriptions/<token>/`: the settings of a subscription and its last messages."""
    public_id = subscription_id(token)
    found = _find(public_id)
    if found is None:
        return _message(request, "gone" if public_id else "no_link", status=404)
    form = WantedForm(initial=model_to_dict(found, WantedForm.base_fields))
    problem = ""
    if request.method == "POST":
        action = request.POST.get("action", "change")
        form = WantedForm(request.POST) if action == "change" else form
        try:
            if done := _act(found, action, form):
                return _see(request.path, done)
        except TooManyError as error:
            problem = str(error)
    context = subscription_page(found) | {
        "token": token,
        "form": form,
        "problem": problem,
        "done": DONE.get(request.GET.get("done", ""), ""),
        "zones": time_zones().values(),
        "mail_folder": settings.MAIL_FOLDER,
    }
    return _page(request, "subscription", context)


def _act(found: Subscription, action: str, form: WantedForm) -> str:
    """Perform the action of a button; return a key of `DONE`, or "" if nothing was done.

    Raises:
        TooManyError: Too many test messages were sent.
    """
    if action == "change" and form.is_valid():
        change(found, form.wanted, clock.now())
        return "changed"
    if action == "resume" and found.state == SubscriptionState.PAUSED:
        resume(found, clock.now())
        return "resumed"
    if action == "test" and found.state != SubscriptionState.PENDING:
        add_test(found, clock.now())
        return "test"
    return ""


@_private
def unsubscribe_page(request: HttpRequest, token: str) -> HttpResponse:
    """`/subscriptions/<token>/unsubscribe/`: a button; POST unsubscribes at once (RFC 8058)."""
    public_id = subscription_id(token)
    if public_id is None:
        return _message(request, "no_link", status=404)
    found = _find(public_id)
    if request.method != "POST":
        if found is None:
            return _message(request, "gone", status=404)
        context = {"subscription": found, "label": view_title(found.view), "token": token}
        return _page(request, "unsubscribe", context)
    if found:
        unsubscribe(found)
    return _message(request, "ended")


def _find(public_id: str | None) -> Subscription | None:
    return subscription_called(public_id) if public_id else None


def _own_path(found: Subscription) -> str:
    """Return the path of the page of a subscription."""
    return links_of(found).manage.removeprefix(settings.SITE_URL)


def _see(path: str, done: str = "") -> HttpResponse:
    """Redirect to a page after a form; `done` is a key of `DONE`."""
    query = f"?{urlencode({'done': done})}" if done else ""
    return HttpResponseRedirect(path + query, status=303)


def _message(
    request: HttpRequest, name: str, context: dict[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """Return a page that consists of a message."""
    return _page(request, "message", {"message": name, **(context or {})}, status=status)


def _page(
    request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """Return a page that must not be linked to, so that no token leaks."""
    context |= {"canonical": "", "social": None}
    return render(request, f"subscriptions/{template}.html", context, status=status)
