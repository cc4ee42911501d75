"""The mailbox in a browser: a list, and each mail as HTML (shut in a frame without scripts) or text."""

from __future__ import annotations

from itertools import islice

from flask import Flask, Response, abort, render_template, request

from pod_hub.devstack.mailbox.box import Box

SHOWN = 200
# The page itself runs no script and loads nothing from elsewhere.
PAGE_POLICY = "default-src 'none'; style-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
# A mail may style itself and open its links in a new tab, and nothing else.
MAIL_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"
)


def create_pages(box: Box) -> Flask:
    """Return the application."""
    pages = Flask(__name__)

    @pages.after_request
    def _guard(answer: Response) -> Response:
        answer.headers.setdefault("Content-Security-Policy", PAGE_POLICY)
        answer.headers["Referrer-Policy"] = "no-referrer"  # addresses in mails open accounts
        answer.headers["X-Content-Type-Options"] = "nosniff"
        answer.headers["Cache-Control"] = "no-store"
        return answer

    @pages.get("/")
    def _list() -> str:
        wanted = request.args.get("to", "").strip().casefold()
        mails = [mail for mail in box.mails() if wanted in mail.to.casefold()] if wanted else list(islice(box.mails(), SHOWN))
        return render_template("list.html", mails=mails[:SHOWN], wanted=request.args.get("to", ""))

    @pages.get("/mail/<name>")
    def _mail(name: str) -> str:
        mail = box.mail(name) or abort(404)
        return render_template("mail.html", mail=mail, as_text=request.args.get("as") == "text" or not mail.body("html"))

    @pages.get("/mail/<name>/html")
    def _html(name: str) -> Response:
        mail = box.mail(name) or abort(404)
        body = mail.body("html").replace("<head>", '<head><base target="_blank">', 1)
        return Response(body, content_type="text/html; charset=utf-8", headers={"Content-Security-Policy": MAIL_POLICY})

    return pages
