"""The history in the admin: what changed, and how it is taken back."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import PAGE_VAR
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from releases.admin.history_words import (
    change_lines,
    effect_lines,
    kept_line,
    problem_line,
)
from releases.admin.reasons import ReasonAdmin, ReasonForm
from releases.admin.renames import tell_kept
from releases.domain.lifecycle.milestones import PartialDate
from releases.models import Product, Release, ReleaseCycle
from releases.selectors.history.records import (
    CHANGES_A_PAGE,
    Gone,
    RecordedChange,
    Subject,
    as_row,
    changes,
    deleted_products,
    gone,
    gone_of,
    last_rows,
    moments,
    names,
)
from releases.services.history import (
    OutdatedError,
    RefusedError,
    RevertPlan,
    carry_out,
    kept_addresses,
    plan_back_to,
    plan_revert,
)

DELETED_A_PAGE: Final = 100
MOST_TOLD: Final = 200
"""So many rows of a change are told of one by one; an import may bring thousands."""

_KEY: Final = re.compile(r"[0-9]{1,18}")
_MOMENT: Final = "%Y-%m-%dT%H:%M:%S.%f"


class HistoryAdmin(ReasonAdmin):
    """Who changed what, when and why, with what belongs to a row; one change is reverted, or all
    since a moment; deleted rows come back."""

    def get_urls(self) -> list[Any]:
        return [
            path(
                f"<path:object_id>/history/<str:at>/{action}/",
                self.admin_site.admin_view(view),
                name=f"{self.opts.app_label}_{self.opts.model_name}_{action}",
            )
            for action, view in (("revert", self.revert_view), ("back", self.back_view))
        ] + super().get_urls()

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        subject, row = self._history_subject(object_id)
        page: Page[datetime] = Paginator(moments(subject), CHANGES_A_PAGE).get_page(
            request.GET.get(PAGE_VAR)
        )
        found = changes(subject, page)
        called = names(
            facts for each in found for row in each.rows for facts in (row.before, row.after)
        )
        context = {
            "title": f"History of {_called(row)}",
            "changes": [
                {
                    "at": each.at,
                    "key": _key(each.at),
                    "user": each.user,
                    "reason": each.reason,
                    "lines": change_lines(each.rows[:MOST_TOLD], called),
                    "untold": len(each.rows[MOST_TOLD:]),
                    "newest": page.number == 1 and each is found[0],
                    "deletes": _deletes(each, subject),
                }
                for each in found
            ],
            "gone": [self._gone_line(each, subject) for each in gone(subject)],
            "page_obj": page,
            "page_range": page.paginator.get_elided_page_range(page.number),
            "page_var": PAGE_VAR,
        }
        return self._history_page(request, "history", row, context | (extra_context or {}))

    def revert_view(self, request: HttpRequest, object_id: str, at: str) -> HttpResponse:
        """Of one change."""
        subject, row = self._history_subject(object_id)
        change = _change(subject, at)
        what = f"revert of {_moment(change.at)}"
        called, deletes = _called(row), _deletes(change, subject)
        title = f"Bring {called} back" if deletes else f"Revert a change of {called}"
        return self._take_back(request, row, lambda: plan_revert(subject, change), what, title)

    def back_view(self, request: HttpRequest, object_id: str, at: str) -> HttpResponse:
        """To what was there behind a change."""
        subject, row = self._history_subject(object_id)
        change = _change(subject, at)
        if _deletes(change, subject):
            raise Http404
        moment = change.at
        what = f"back to {_moment(moment)}"
        title = f"{_called(row)}: {what}"
        return self._take_back(request, row, lambda: plan_back_to(subject, moment), what, title)

    def _take_back(
        self, request: HttpRequest, row: Any, make: Callable[[], RevertPlan], what: str, title: str
    ) -> HttpResponse:
        """Shows what a plan would do; does it when that is confirmed."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        form, problems = ReasonForm(), []
        if request.method == "POST":
            form = ReasonForm(request.POST)
            problems = _carry_out(request, make, what, form)
            if form.is_valid() and not problems:
                messages.success(request, f"Done: {what}.")
                return redirect(self._history_address("history", row.pk))
        plan = make()
        called = names(facts for each in plan.effects for facts in (each.now, each.then))
        context = {
            "title": title,
            "effects": effect_lines(plan.effects, called),
            "kept": [kept_line(each, called) for each in plan.kept],
            "lacking": [each.replace("_", " ", 1) for each in _lacking(request, plan)],
            "problems": problems,
            "seen": plan.digest,
            "form": form,
        }
        return self._history_page(request, "take_back", row, context)

    def _history_page(
        self, request: HttpRequest, template: str, row: Any, context: dict[str, Any]
    ) -> HttpResponse:
        context = self.admin_site.each_context(request) | {
            "opts": self.opts,
            "object": row,
            "is_here": row is not None and not row._state.adding,
            "may_change": self.has_change_permission(request),
            **context,
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, f"admin/releases/{template}.html", context)

    def _history_subject(self, object_id: str) -> tuple[Subject, Any]:
        """What an address is of, and its row, or what it was if it is not here. Raises 404."""
        if not _KEY.fullmatch(unquote(object_id)):
            raise Http404
        pk = int(unquote(object_id))
        row = self.model._default_manager.filter(pk=pk).first()
        if row is None:
            past = last_rows([(self.model, pk)])
            if not past:
                raise Http404
            row = as_row(past[self.model, pk])
        return Subject(self.model, pk), row

    def _history_address(self, page: str, *args: Any) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{page}", args=args)

    def _gone_line(self, each: Gone, subject: Subject) -> dict[str, Any]:
        """What was deleted, and where it comes back: on a history of its own if it has one."""
        model, pk = each.key
        owner = subject if model is Release else Subject(model, pk)
        name = f"admin:releases_{owner.model._meta.model_name}_revert"
        return {
            "title": f"{model._meta.verbose_name} {each.name}",
            "at": each.at,
            "user": each.user,
            "address": reverse(name, args=(owner.pk, _key(each.at))),
        }


class ProductHistory(HistoryAdmin):
    """Products that were deleted are on a list of their own."""

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.deleted_view)
        return [path("deleted/", view, name="releases_product_deleted"), *super().get_urls()]

    def deleted_view(self, request: HttpRequest) -> HttpResponse:
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        page = Paginator(deleted_products(), DELETED_A_PAGE).get_page(request.GET.get(PAGE_VAR))
        products = [(row, gone_of(row), _key(row.history_date)) for row in page]
        context = {
            "title": "Deleted products",
            "products": products,
            "page_obj": page,
            "page_range": page.paginator.get_elided_page_range(page.number),
            "page_var": PAGE_VAR,
        }
        return self._history_page(request, "deleted", None, context)


def _called(row: Any) -> str:
    """The name of a row; a cycle's with its product, if that is here."""
    if not isinstance(row, ReleaseCycle):
        return str(row)
    product = Product.objects.filter(pk=row.product_id).first()
    return f"{product} {row}" if product else str(row)


def _change(subject: Subject, at: str) -> RecordedChange:
    """The change of a moment. Raises 404."""
    try:
        moment = datetime.strptime(at, _MOMENT).replace(tzinfo=UTC)
    except ValueError:
        raise Http404 from None
    found = changes(subject, [moment])
    if not found:
        raise Http404
    return found[0]


def _deletes(change: RecordedChange, subject: Subject) -> bool:
    return any(row.key == (subject.model, subject.pk) and row.after is None for row in change.rows)


def _key(moment: datetime) -> str:
    """A moment in an address, to the microsecond."""
    return moment.astimezone(UTC).strftime(_MOMENT)


def _moment(moment: datetime) -> str:
    """A moment as people read it, in UTC."""
    at = moment.astimezone(UTC)
    return f"{PartialDate(at.date())}, {at:%H:%M}"


def _carry_out(
    request: HttpRequest, make: Callable[[], RevertPlan], what: str, form: ReasonForm
) -> list[str]:
    """Does what somebody has seen, if they may; what was in the way, in sentences. Raises
    `PermissionDenied`."""

    def permitted() -> RevertPlan:
        plan = make()
        if _lacking(request, plan):
            raise PermissionDenied
        return plan

    if not form.is_valid():
        permitted()
        return []
    reason = ": ".join(filter(None, (what, form.cleaned_data["reason"])))
    try:
        made = carry_out(permitted, request.POST.get("seen", ""), reason)
    except OutdatedError:
        return ["Something was changed meanwhile. Look again: this is what it does now."]
    except RefusedError as error:
        return [problem_line(each) for each in error.problems]
    for alias in kept_addresses(made.effects):
        tell_kept(request, alias)
    return []


def _lacking(request: HttpRequest, plan: RevertPlan) -> list[str]:
    """The rights that somebody has not, of those that a plan takes."""
    return [each for each in sorted(plan.rights) if not request.user.has_perm(f"releases.{each}")]
