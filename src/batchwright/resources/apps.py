"""Apps: programs of others that people let act for them by OAuth. Commands make them, so there is no operation."""

from __future__ import annotations

from batchwright.model.fields import flag, json, moment, ref, text
from batchwright.model.kinds import Kind
from batchwright.model.operations import Operation

# An app's gid is its client id; redirect_uris is a list, scopes are parted by spaces. Only digests are stored.
APP = Kind(
    "app",
    "apps",
    (
        text("name"),
        flag("confidential"),
        text("secret_digest"),
        json("redirect_uris"),
        text("scopes"),
        moment("created_at"),
    ),
)

# What a person allowed an app. All that came of it belongs to it: it ends by being removed, and they go with it.
GRANT = Kind(
    "grant",
    "grants",
    (
        ref("user", "user", required=True),
        ref("app", "app", required=True),
        text("scopes"),
        moment("created_at"),
        moment("redeemed_at"),
    ),
    indexes=(("user", "app"),),
)

AUTHORIZATION_CODE = Kind(
    "authorization_code",
    "authorization_codes",
    (
        ref("grant", "grant", required=True),
        text("digest"),
        text("redirect_uri"),
        text("challenge"),
        text("nonce", nullable=True),
        moment("expires_at"),
    ),
    unique=(("digest",),),
)

REFRESH_TOKEN = Kind(
    "refresh_token",
    "refresh_tokens",
    (
        ref("grant", "grant", required=True),
        text("digest"),
        moment("created_at"),
    ),
    unique=(("digest",),),
)

KINDS = (APP, GRANT, AUTHORIZATION_CODE, REFRESH_TOKEN)
OPERATIONS: tuple[Operation, ...] = ()
