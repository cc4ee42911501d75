"""The OpenAPI description: what is the same for every operation, so that no view repeats it."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse
from rest_framework import serializers

from pod_hub.accounts.api.problems import CONTENT_TYPE, KINDS, problem
from pod_hub.accounts.api.repetition import HEADER

READ = ("unreadable", "unauthenticated", "scope_missing", "too_many")
WRITE = ("unreadable", "unauthenticated", "scope_missing", "not_found", "refused", "media_type", "invalid", "too_many")


class ProblemError(serializers.Serializer[Any]):
    """One value that cannot be accepted."""

    pointer = serializers.CharField(required=False, help_text="JSON pointer into the body, such as #/lines/0/quantity.")
    parameter = serializers.CharField(required=False, help_text="Name of the query parameter.")
    detail = serializers.CharField()


class Problem(serializers.Serializer[Any]):
    """Problem details (RFC 9457)."""

    type = serializers.URLField(help_text="Leads to the explanation of this kind of problem.")
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text="What happened, why, and what to do next.")
    code = serializers.ChoiceField(choices=list(KINDS), help_text="The kind, for programs.")
    errors = ProblemError(many=True, required=False)  # type: ignore[assignment]


class BearerKey(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Describes the key in the Authorization header."""

    target_class = "pod_hub.accounts.api.keys.ApiKeyAuthentication"
    name = "apiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        """Return the security scheme."""
        return {"type": "http", "scheme": "bearer", "description": "A key from Settings, API keys: Authorization: Bearer hub_…"}


class Operation(AutoSchema):
    """Adds to each operation: the scope it needs, the idempotency key of POSTs, and the problems it may answer with an example of each."""

    def get_description(self) -> str:  # type: ignore[override]
        """Return the view's words and the scope that a key needs."""
        said: str = super().get_description() or ""
        scope = getattr(self.view, "scopes", {}).get(self.method)
        return f"{said}\n\nNeeds the scope `{scope.value}`." if scope else said

    def get_override_parameters(self) -> list[Any]:
        """Return the idempotency key for POSTs."""
        if self.method != "POST":
            return []
        said = "1 to 255 ASCII characters. A repetition with the same key gets the first answer, for 24 hours."
        example = OpenApiExample("A UUID", value="4d2c1d1e-6a0b-4a3e-9a5b-1f0c3a7f2b11")
        return [OpenApiParameter(HEADER, OpenApiTypes.STR, OpenApiParameter.HEADER, description=said, examples=[example])]

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        by_status: dict[int, list[str]] = {}
        for code in self._problems():
            by_status.setdefault(KINDS[code].status, []).append(code)
        for status, codes in by_status.items():
            examples = [
                OpenApiExample(
                    str(KINDS[code].title), value=problem(code, str(KINDS[code].meaning)), media_type=CONTENT_TYPE, status_codes=[str(status)]
                )
                for code in codes
            ]
            told = OpenApiResponse(Problem, description="; ".join(str(KINDS[code].title) for code in codes), examples=examples)
            shown = self._get_response_for_code(told, str(status), media_types=[CONTENT_TYPE], direction=direction)  # type: ignore[no-untyped-call]
            bodies.setdefault(str(status), shown)
        return bodies

    def _problems(self) -> list[str]:
        codes = list(WRITE if self.method == "POST" else READ)
        if self.method == "GET" and "{" in self.path:
            codes.insert(3, "not_found")
        if self.method == "POST":
            codes += ["in_progress", "key_reused"]
        codes += [code for code in getattr(self.view, "also_answers", ()) if code not in codes]
        return codes
