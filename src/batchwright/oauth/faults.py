"""What apps are told when their request is not in order, in the words of RFC 6749."""

from __future__ import annotations

from collections.abc import Mapping

from batchwright.model.calls import Reply

Form = Mapping[str, str]


class Fault(Exception):
    """A request that isn't in order; becomes the reply `{"error": ..., "error_description": ...}`."""

    def __init__(self, error: str, description: str, status: int = 400, **headers: str) -> None:
        super().__init__(error, description)
        self.error, self.description, self.status = error, description, status
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}

    def reply(self) -> Reply:
        """What the app is answered."""
        return Reply(self.status, {"error": self.error, "error_description": self.description}, self.headers)


def bad_grant(what: str) -> Fault:
    """400 for a code or token that opens nothing. Why it doesn't is not told: it may not be the app's own."""
    return Fault("invalid_grant", f"The `{what}` provided was invalid.")


def required(form: Form, name: str) -> str:
    """The value of a field. Raises Fault 400 where it is absent or empty."""
    if not form.get(name):
        raise Fault("invalid_request", f"The required parameter `{name}` is missing.")
    return form[name]
