"""Signatures of webhooks."""

from __future__ import annotations

from base64 import b64decode
from datetime import UTC, datetime, timedelta, timezone

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from releases.services.reminders.signatures import new_secret, signed_headers


def test_secrets_are_random_and_of_the_length_that_the_specification_asks_for() -> None:
    secrets = {new_secret() for _ in range(10)}
    assert len(secrets) == 10
    for secret in secrets:
        assert secret.startswith("whsec_")
        assert 24 <= len(b64decode(secret.removeprefix("whsec_"))) <= 64


def test_receiver_verifies_headers() -> None:
    """Whatever zone the time has."""
    secret, body = new_secret(), '{"title":"Grüße"}'
    now = datetime.now(UTC).astimezone(timezone(timedelta(hours=9)))
    headers = signed_headers(secret, "42", now, body)
    assert Webhook(secret).verify(body.encode(), headers) == {"title": "Grüße"}
    for wrong in (
        headers | {"webhook-id": "43"},
        headers | {"webhook-timestamp": str(int(headers["webhook-timestamp"]) - 1)},
        signed_headers(new_secret(), "42", now, body),
        signed_headers(secret, "42", now - timedelta(minutes=6), body),
    ):
        with pytest.raises(WebhookVerificationError):
            Webhook(secret).verify(body, wrong)


def test_signature_is_that_of_the_example_of_the_specification() -> None:
    """The example of standard-webhooks/standard-webhooks, in the tests of its libraries."""
    headers = signed_headers(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        datetime.fromtimestamp(1614265330, UTC),
        '{"test": 2432232314}',
    )
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
