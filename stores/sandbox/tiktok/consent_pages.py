"""The pages on which somebody logs in and consents, and TikTok's store of apps, where a consent may begin as well."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from stores.sandbox.tiktok import consent
from stores.sandbox.tiktok.consent import SCOPES_IN_WORDS, ConsentRefused
from stores.sandbox.tiktok.world import DURATIONS_S, World
from stores.sandbox.visits import note_visit

Page = str | AnyResponse | tuple[str, int]


def add(pages: Blueprint, world: World) -> None:
    """Add the consent address and the store of apps."""

    @pages.route("/open/authorize", methods=["GET", "POST"])
    def authorize() -> Page:
        given: Mapping[str, str] = request.values
        try:
            consent.checked(world, service_id=given.get("service_id", ""))
        except ConsentRefused as refused:
            note_visit(world, "consent", status=400, error=refused.title)
            return render_template("message.html", title=refused.title, text=refused.text), 400
        return _answered(world, given) if request.method == "POST" else _log_in(world, given)

    @pages.get("/appstore/")
    def appstore() -> str:
        return render_template("appstore.html", application=world.application, scopes=_scopes(world))


def _log_in(world: World, given: Mapping[str, str]) -> str:
    note_visit(world, "consent", status=200)
    accounts = [(account, world.books.shops(account.open_id)) for account in world.books.accounts()]
    return render_template("log_in.html", application=world.application, accounts=accounts, given=given)


def _answered(world: World, given: Mapping[str, str]) -> Page:
    account = world.books.account(given.get("open_id", ""))
    if account is None:
        return render_template("message.html", title="Choose an account", text="Nobody was chosen. Go back and choose an account."), 400
    answer, state = given.get("answer", ""), given.get("state", "")
    if answer == "decline":
        note_visit(world, "consent", status=302, error="declined")
        return redirect(consent.declined(world, state=state), code=302)
    if answer == "allow":
        duration = given.get("duration", "1-year")
        if duration not in DURATIONS_S:
            return render_template("message.html", title="Choose a duration", text="Go back and choose how long the permission lasts."), 400
        note_visit(world, "consent", status=302, seller_id=account.open_id)
        return redirect(consent.allowed(world, account, state=state, duration=duration), code=302)
    shops = world.books.shops(account.open_id)
    return render_template("consent.html", application=world.application, account=account, shops=shops, scopes=_scopes(world), given=given)


def _scopes(world: World) -> list[tuple[str, str]]:
    return [(scope, SCOPES_IN_WORDS.get(scope, scope)) for scope in world.application.scopes]
