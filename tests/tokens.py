"""API tokens of users with a role."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group

from releases.models import ApiToken, Product
from releases.services.editing.tokens import issue_token
from tests.conftest import ON


def make_token(role: str, *products: Product, owner: str = "", **values: Any) -> str:
    """Create a token of a new user with a role, and return its text.

    It is for all products if none is given.
    """
    name = owner or role
    user = get_user_model()._default_manager.create_user(name, is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    expires_on = values.pop("expires_on", ON)
    token, text = issue_token(
        user, f"pipeline of {name}", expires_on, products, all_products=not products
    )
    ApiToken.objects.filter(pk=token.pk).update(**values)
    return text
