"""Pages of the history: the changes of a row and of what belongs to it, and how to revert them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import PAGE_VAR
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from releases.admin.editing.renames import report_kept_address
from releases.admin.fields import ReasonForm
from releases.admin.history.words import RowLine, problem_line, row_lines, unchanged_line
from releases.admin.labels import moment_text
from releases.admin.pages import AdminPage, admin_url, render_page
from releases.models import Product, Release, ReleaseCycle
from releases.selectors.history.edits import last_record
from releases.selectors.history.records import (
    CHANGES_A_PAGE,
    DeletedRow,
    Names,
    RecordedChange,
    Subject,
    as_row,
    changes,
    deleted_products,
    deleted_row,
    deleted_rows,
    moments,
    names,
)
from releases.services.history.plan import RevertPlan, plan_back_to, plan_revert
from releases.services.history.write import OutdatedError, RefusedError, carry_out, kept_addresses

DELETED_PER_PAGE: Final = 100
MAX_ROWS_PER_CHANGE: Final = 200
"""Maximum number of rows listed for a change, as an import may change thousands."""

_MOMENT: Final = "%Y-%m-%dT%H:%M:%S.%f"


@dataclass(frozen=True, slots=True)
class _Words:
    """The words of a revert: title of its page, reason in the history, button, and message."""

    title: str
    reason: str
    verb: str
    done: str


def history_page(request: HttpRequest, object_id: str, *, model_admin: ModelAdmin) -> HttpResponse:
    """Return the page of the changes of a row, which may be deleted."""
    if not model_admin.has_view_or_change_permission(request):
        raise PermissionDenied
    subject, row = _subject(request, model_admin, object_id)
    page: Page[datetime] = Paginator(moments(subject), CHANGES_A_PAGE).get_page(
        request.GET.get(PAGE_VAR)
    )
    found = changes(subject, page)
    called = names(
        facts for each in found for row in each.rows for facts in (row.before, row.after)
    )
    return _render(
        request,
        model_admin,
        "history",
        f"History of {_name(row)}",
        row,
        changes=[
            {
                "at": each.at,
                "key": moment_key(each.at),
                "user": each.user,
                "reason": each.reason,
                "lines": _change_lines(each, called),
                "untold": len(each.rows[MAX_ROWS_PER_CHANGE:]),
                "newest": page.number == 1 and each is found[0],
                "deletes": _deletes(each, subject),
            }
            for each in found
        ],
        gone=[_deleted_line(each, subject) for each in deleted_rows(subject)],
        **_pagination(page),
    )


def _revert(
    request: HttpRequest, object_id: str, at: str, *, model_admin: ModelAdmin
) -> HttpResponse:
    """Revert one change."""
    subject, row = _subject(request, model_admin, object_id)
    change = _change(subject, at)
    name, at_text = _name(row), moment_text(change.at)
    words = (
        _Words(f"Restore {name}", f"revert of {at_text}", "Restore", f"Restored {name}.")
        if _deletes(change, subject)
        else _Words(
            f"Revert a change of {name}",
            f"revert of {at_text}",
            "Revert",
            f"Reverted the change of {at_text}.",
        )
    )
    return _take_back(request, model_admin, row, lambda: plan_revert(subject, change), words)


def _back(
    request: HttpRequest, object_id: str, at: str, *, model_admin: ModelAdmin
) -> HttpResponse:
    """Go back to the state after a change."""
    subject, row = _subject(request, model_admin, object_id)
    change = _change(subject, at)
    if _deletes(change, subject):
        raise Http404
    moment = change.at
    at_text = moment_text(moment)
    words = _Words(
        f"{_name(row)}: back to {at_text}",
        f"back to {at_text}",
        "Go back",
        f"Restored the state of {at_text}.",
    )
    return _take_back(request, model_admin, row, lambda: plan_back_to(subject, moment), words)


def _deleted_products(request: HttpRequest, *, model_admin: ModelAdmin) -> HttpResponse:
    """Return the list of the deleted products."""
    if not model_admin.has_view_or_change_permission(request):
        raise PermissionDenied
    page = Paginator(deleted_products(), DELETED_PER_PAGE).get_page(request.GET.get(PAGE_VAR))
    products = [(row, deleted_row(row), moment_key(row.history_date)) for row in page]
    title = "Deleted products"
    context = {"products": products, **_pagination(page)}
    return _render(request, model_admin, "deleted", title, None, **context)


HISTORY_PAGES: Final = (
    AdminPage("<path:object_id>/history/<str:at>/revert/", "revert", _revert),
    AdminPage("<path:object_id>/history/<str:at>/back/", "back", _back),
)
DELETED_PRODUCTS: Final = AdminPage("deleted/", "deleted", _deleted_products)


def _take_back(
    request: HttpRequest,
    model_admin: ModelAdmin,
    row: Any,
    make: Callable[[], RevertPlan],
    words: _Words,
) -> HttpResponse:
    """Show the effects of a plan, and apply it once they are confirmed."""
    if not model_admin.has_change_permission(request):
        raise PermissionDenied
    form, problems = ReasonForm(), []
    if request.method == "POST":
        form = ReasonForm(request.POST)
        problems = _carry_out(request, make, words.reason, form)
        if form.is_valid() and not problems:
            messages.success(request, words.done)
            return redirect(admin_url(row, "history", row.pk))
    plan = make()
    called = names(facts for each in plan.effects for facts in (each.now, each.then))
    return _render(
        request,
        model_admin,
        "take_back",
        words.title,
        row,
        effects=row_lines(
            ((each.key, each.now, each.then) for each in plan.effects),
            called,
            added="will be restored",
            deleted="will be deleted",
        ),
        kept=[unchanged_line(each, called) for each in plan.kept],
        lacking=[each.replace("_", " ", 1) for each in _missing_permissions(request, plan)],
        problems=problems,
        seen=plan.digest,
        form=form,
        verb=words.verb,
    )


def _carry_out(
    request: HttpRequest, make: Callable[[], RevertPlan], what: str, form: ReasonForm
) -> list[str]:
    """Apply the plan that the user has seen. Return the reasons that prevent it as sentences.

    Raises:
        PermissionDenied: The user lacks a permission that the plan needs.
    """

    def permitted() -> RevertPlan:
        plan = make()
        if _missing_permissions(request, plan):
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
        report_kept_address(request, alias)
    return []


def _missing_permissions(request: HttpRequest, plan: RevertPlan) -> list[str]:
    """Return the permissions that a plan needs and the user lacks, in alphabetical order."""
    return [each for each in sorted(plan.rights) if not request.user.has_perm(f"releases.{each}")]


def _render(
    request: HttpRequest,
    model_admin: ModelAdmin,
    template: str,
    title: str,
    row: Any,
    **context: Any,
) -> HttpResponse:
    """Return a page of the history of a row, or of no row."""
    return render_page(
        request,
        model_admin,
        template,
        title,
        object=row,
        is_here=row is not None and not row._state.adding,
        may_change=model_admin.has_change_permission(request),
        **context,
    )


def _pagination(page: Page[Any]) -> dict[str, Any]:
    return {
        "page_obj": page,
        "page_range": page.paginator.get_elided_page_range(page.number),
        "page_var": PAGE_VAR,
    }


def _subject(request: HttpRequest, model_admin: ModelAdmin, object_id: str) -> tuple[Subject, Any]:
    """Return the subject of an address with its row, as it was last if it is deleted.

    Raises `Http404` if there never was such a row.
    """
    row = model_admin.get_object(request, unquote(object_id))
    if row is None:
        record = last_record(model_admin.model, unquote(object_id))
        if record is None:
            raise Http404
        row = as_row(record)
    return Subject(model_admin.model, row.pk), row


def _name(row: Any) -> str:
    """Return the name of a row, after that of its product if it is a cycle."""
    if not isinstance(row, ReleaseCycle):
        return str(row)
    product = Product.objects.filter(pk=row.product_id).first()
    return f"{product} {row}" if product else str(row)


def _change(subject: Subject, at: str) -> RecordedChange:
    """Return the change of the moment in an address. Raises `Http404`."""
    try:
        moment = datetime.strptime(at, _MOMENT).replace(tzinfo=UTC)
    except ValueError:
        raise Http404 from None
    found = changes(subject, [moment])
    if not found:
        raise Http404
    return found[0]


def _change_lines(change: RecordedChange, names: Names) -> list[RowLine]:
    """Return the lines of the first rows of a change, without rows that look the same."""
    rows = ((row.key, row.before, row.after) for row in change.rows[:MAX_ROWS_PER_CHANGE])
    lines = row_lines(rows, names, added="added", deleted="deleted")
    return [line for line in lines if line.fate or line.fields]


def _deletes(change: RecordedChange, subject: Subject) -> bool:
    return any(row.key == (subject.model, subject.pk) and row.after is None for row in change.rows)


def _deleted_line(each: DeletedRow, subject: Subject) -> dict[str, Any]:
    """Return a deleted row with the address that restores it.

    That is a page of its own history, or of the history of its cycle if it is a release.
    """
    model, pk = each.key
    owner = subject if model is Release else Subject(model, pk)
    return {
        "title": f"{model._meta.verbose_name} {each.name}",
        "at": each.at,
        "user": each.user,
        "address": admin_url(owner.model, "revert", owner.pk, moment_key(each.at)),
    }


def moment_key(moment: datetime) -> str:
    """Return a moment as addresses have it, in UTC and to the microsecond."""
    return moment.astimezone(UTC).strftime(_MOMENT)
