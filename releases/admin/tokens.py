"""API tokens in the admin: a token is shown once, can be replaced by another, and revoked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar, Final

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from releases.admin.base import ViewedAdmin
from releases.admin.fields import DayField
from releases.admin.pages import AdminPage, admin_url, render_page
from releases.models import ApiToken
from releases.models.api_token import TokenState
from releases.services.editing.tokens import (
    MAX_LIFETIME,
    give_secret,
    issue_token,
    revoke_token,
)
from releases.web import clock

USUAL_LIFETIME: Final = timedelta(days=90)


class ApiTokenForm(forms.ModelForm):
    """The form of a new token."""

    class Meta:
        model = ApiToken
        fields = ("purpose", "products", "expires_on")

    def clean_expires_on(self) -> Any:
        """Return the last day of the token, which is at most a year away."""
        day, today = self.cleaned_data["expires_on"], clock.today()
        if not today <= day <= today + MAX_LIFETIME:
            last = today + MAX_LIFETIME
            raise ValidationError(f"Enter a day from {today} to {last}; a token expires in a year.")
        return day


def _show(
    request: HttpRequest, model_admin: ModelAdmin, token: ApiToken, text: str
) -> HttpResponse:
    """Return the only page that shows the text of a token."""
    title = f"API token “{token}”"
    return render_page(request, model_admin, "token", title, token=token, text=text)


@require_POST
def _replace(request: HttpRequest, key: int, *, model_admin: ModelAdmin) -> HttpResponse:
    """Create a token like another one, which stays valid until it is revoked."""
    token = _own_token(request, key, model_admin)
    if token.owner != request.user:
        raise PermissionDenied
    lifetime = token.expires_on - timezone.localdate(token.created_at)
    expires_on = clock.today() + min(lifetime, MAX_LIFETIME)
    made, text = issue_token(
        request.user,
        token.purpose,
        expires_on,
        () if token.all_products else tuple(token.products.all()),
        all_products=token.all_products,
    )
    return _show(request, model_admin, made, text)


@require_POST
def _revoke(request: HttpRequest, key: int, *, model_admin: ModelAdmin) -> HttpResponse:
    """Revoke a token."""
    token = _own_token(request, key, model_admin)
    revoke_token(token, timezone.now())
    model_admin.log_change(request, token, "Revoked.")
    messages.success(request, f"The API token “{token}” was revoked.")
    return redirect(admin_url(ApiToken, "changelist"))


REPLACE: Final = AdminPage("<int:key>/replace/", "replace", never_cache(_replace))
REVOKE: Final = AdminPage("<int:key>/revoke/", "revoke", _revoke)


def _own_token(request: HttpRequest, key: int, model_admin: ModelAdmin) -> ApiToken:
    """Return a token that the user may change. Raises `PermissionDenied` or `Http404`."""
    if not model_admin.has_add_permission(request):
        raise PermissionDenied
    return get_object_or_404(model_admin.get_queryset(request), pk=key)


@admin.register(ApiToken)
class ApiTokenAdmin(ViewedAdmin):
    """The admin of tokens: people see their own ones, superusers all."""

    pages: ClassVar = (REPLACE, REVOKE)
    form = ApiTokenForm
    autocomplete_fields = ("products",)
    fields = ("purpose", "products", "expires_on")
    list_display = ("purpose", "state", "limited_to", "expires_on", "last_used_at", "owner")
    list_select_related = ("owner",)
    actions = None
    formfield_overrides: ClassVar = {models.DateField: {"form_class": DayField}}
    change_form_template = "admin/releases/token_change.html"

    def get_urls(self) -> list[Any]:
        return [page.url(self) for page in self.pages] + super().get_urls()

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApiToken]:
        tokens = super().get_queryset(request).prefetch_related("products")
        user: Any = request.user
        return tokens if user.is_superuser else tokens.filter(owner=user)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A token never changes: it is replaced by another."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A token is revoked, so that the list tells what there was."""
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.list_display if obj else ()

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.list_display if obj else self.fields

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"expires_on": clock.today() + USUAL_LIFETIME}

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        obj.owner = request.user
        obj.all_products = not form.cleaned_data["products"]
        obj.text = give_secret(obj)
        super().save_model(request, obj, form, change)

    @method_decorator(never_cache)
    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: str | None = None
    ) -> HttpResponse:
        return _show(request, self, obj, obj.text)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        if token := context.get("original"):
            context["active"] = token.state(clock.today()) is TokenState.ACTIVE
            context["own"] = token.owner == request.user
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description="products")
    def limited_to(self, token: ApiToken) -> str:
        if token.all_products:
            return "all"
        return ", ".join(product.name for product in token.products.all()) or "none"

    @admin.display(description="state today")
    def state(self, token: ApiToken) -> str:
        return token.state(clock.today())
