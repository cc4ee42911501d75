"""The design system's tags; builtin in every template. ``/styleguide/`` shows each in all its states.

A tag prepares the arguments and draws ``templates/components/NAME.html``, whose first lines say what it accepts. Block tags
(``{% panel %}…{% endpanel %}``) take their body as written; further slots are made beforehand with ``{% fragment as actions %}``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any
from zlib import crc32

from django import template
from django.forms import BaseForm, BoundField, CheckboxInput, CheckboxSelectMultiple, ClearableFileInput, RadioSelect, Select, Widget
from django.forms.utils import flatatt
from django.template.context import Context
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, ngettext

from pod_hub.ui.clock import deadline, moment, relative
from pod_hub.ui.look import Look, Tone
from pod_hub.ui.moulds import kept, poured
from pod_hub.ui.vendored import vendored

register = template.Library()

# Currencies whose smallest unit is not a hundredth (ISO 4217).
DECIMALS = {"JPY": 0, "KRW": 0, "VND": 0, "CLP": 0, "ISK": 0, "BHD": 3, "KWD": 3, "TND": 3}
BUTTON_TONES = {"primary": "btn-primary", "default": "", "danger": "btn-danger", "quiet": "btn-quiet"}


# --- Files ------------------------------------------------------------------------------------------------------------
@register.simple_tag
def vendor(file: str) -> str:
    """Address of a vendored file: ``{% vendor "@tabler/core/tabler.min.css" %}``."""
    return static(vendored(file))


@register.simple_tag
def icon(name: str, size: int = 18, label: str = "") -> str:
    """Draw an icon of the sprite. With a ``label`` it is announced, without one it is decoration."""
    return kept("components/icon.html", sprite=_sprite(), name=name, size=size, label=str(label))


@lru_cache(maxsize=1)
def _sprite() -> str:
    return static(vendored("@tabler/icons/sprite.svg"))


@register.simple_tag(name="kept")
def keep(template_name: str, **values: Any) -> str:
    """Include a template that depends on nothing but the given values, which must be hashable, and the reader's language; drawn once for equal ones."""
    return kept(template_name, **values)


# --- Slots ------------------------------------------------------------------------------------------------------------
@register.simple_block_tag
def fragment(content: str) -> str:
    """Keep a piece of template for a later argument: ``{% fragment as actions %}…{% endfragment %}``."""
    return mark_safe(content.strip())  # noqa: S308 - a rendered template, escaped already


@register.simple_block_tag
def panel(
    content: str,
    title: str = "",
    *,
    icon: str = "",
    actions: str = "",
    footer: str = "",
    flush: bool = False,
    id: str = "",  # noqa: A002 - HTML's own word
    note: str = "",
) -> str:
    """Frame a part of a page. ``flush`` drops the padding, for a table or a list that reaches the edges."""
    context = {"body": content, "title": title, "icon": icon, "actions": actions, "footer": footer, "flush": flush, "id": id, "note": note}
    return render_to_string("components/panel.html", context)


@register.simple_block_tag
def table(content: str, caption: str, *, id: str = "", dense: bool = False, cards: bool = True) -> str:  # noqa: A002 - HTML's own word
    """Draw a table. Give each ``<td>`` a ``data-label``: on a phone rows become cards and the label stands before the value."""
    return render_to_string("components/table.html", {"body": content, "caption": caption, "id": id, "dense": dense, "cards": cards})


@register.simple_block_tag
def filters(content: str, *, target: str = "", clear: str = "", active: bool = False, label: str = "", action: str = "") -> str:
    """Wrap filter fields in a GET form: the URL is the state, and htmx swaps ``target`` and pushes the URL where it can."""
    context = {"body": content, "target": target, "clear": clear, "active": active, "label": label, "action": action}
    return render_to_string("components/filters.html", context)


@register.simple_block_tag(takes_context=True)
def confirm(
    context: Context,
    content: str,
    *,
    id: str,  # noqa: A002 - HTML's own word
    title: str,
    trigger: str,
    action: str,
    button: str = "",
    tone: str = "primary",
    trigger_tone: str = "default",
    small: bool = False,
    icon: str = "",
    page: str = "",
) -> str:
    """Ask before doing: a trigger, and a dialog whose form posts to ``action``; the body may hold fields.

    ``page`` is a page that asks the same, for browsers without dialogs; without it the trigger relies on the dialog alone.
    """
    return render_to_string(
        "components/confirm.html",
        {
            "body": content,
            "id": id,
            "title": title,
            "trigger": trigger,
            "action": action,
            "button": button or trigger,
            "button_class": _button_class(tone),
            "trigger_class": _button_class(trigger_tone, small=small),
            "icon": icon,
            "page": page,
            "csrf_token": context.get("csrf_token"),
        },
    )


@register.simple_block_tag
def menu(content: str, label: str, *, icon: str = "dots", show_label: bool = False, align: str = "end") -> str:
    """A drop-down of links and buttons (``class="hub-menu-item"``); opens without JavaScript."""
    return render_to_string("components/menu.html", {"body": content, "label": label, "icon": icon, "show_label": show_label, "align": align})


@register.simple_block_tag
def key_values(content: str, *, columns: int = 1) -> str:
    """A list of facts; fill it with ``{% kv "Label" value %}`` or ``{% kv_block "Label" %}…{% endkv_block %}``."""
    return render_to_string("components/key_values.html", {"body": content, "columns": columns})


@register.inclusion_tag("components/key_value.html")
def kv(label: str, value: object = "", *, mono: bool = False, empty: str = "–") -> dict[str, Any]:
    """One fact. An empty value shows ``empty``."""
    return {"label": label, "value": empty if value in (None, "") else value, "mono": mono}


@register.simple_block_tag
def kv_block(content: str, label: str) -> str:
    """One fact with markup."""
    return render_to_string("components/key_value.html", {"label": label, "value": mark_safe(content.strip())})  # noqa: S308 - rendered, so escaped


# --- Small parts ------------------------------------------------------------------------------------------------------
@register.simple_tag
def status_badge(look: Look | str, *, tone: str = Tone.NEUTRAL, icon: str = "", href: str = "") -> str:
    """Show a state: either a ``Look`` from an app's presentation table, or a label with its tone and icon."""
    shown = look if isinstance(look, Look) else Look(look, Tone(tone), icon)
    return kept("components/status_badge.html", label=str(shown.label), tone=shown.tone, icon=shown.icon, href=href)


@register.simple_tag
def button(
    label: str,
    *,
    href: str = "",
    tone: str = "default",
    icon: str = "",
    small: bool = False,
    type: str = "submit",  # noqa: A002 - HTML's own word
    **attrs: Any,
) -> str:
    """A link that looks like a button, or a button. More attributes pass through: ``hx_post=url`` becomes ``hx-post``."""
    holes = {"label": label, "attrs": _attributes(attrs)} | ({"href": href} if href else {})
    kind = {} if href else {"type": type}
    return poured("components/button.html", holes, linked=bool(href), css_class=_button_class(tone, small=small), icon=icon, **kind)


@register.inclusion_tag("components/post_button.html", takes_context=True)
def post_button(
    context: Context,
    label: str,
    action: str,
    *,
    tone: str = "default",
    icon: str = "",
    small: bool = False,
    name: str = "",
    value: str = "",
    **attrs: Any,
) -> dict[str, Any]:
    """A button that changes something: a form of its own with the CSRF token. Attributes go to the form (``hx_post``, ``hx_target``)."""
    return {
        "label": label,
        "action": action,
        "class": _button_class(tone, small=small),
        "icon": icon,
        "name": name,
        "value": value,
        "attrs": _attributes(attrs),
        "csrf_token": context.get("csrf_token"),
    }


@register.simple_tag(name="avatar")
def drawn_avatar(name: str, *, size: str = "") -> SafeString:
    """Initials of a person or firm, in a colour that stays theirs. ``size`` is ``""``, ``small`` or ``large``."""
    words = [word for word in str(name).split() if word[0].isalnum()] or ["?"]
    initials = words[0][0] + (words[-1][0] if len(words) > 1 else "")
    return kept("components/avatar.html", initials=initials.upper(), hue=crc32(str(name).encode()) % 6, size=size)


@register.inclusion_tag("components/money.html")
def money(amount: Any, currency: str = "") -> dict[str, Any]:
    """An amount with its currency, in the reader's number format. Takes a Decimal and a code, or one object with both.

    Nothing is rounded away: more digits than the currency has are shown as they are. ``None`` shows a dash.
    """
    if amount is not None and not currency:
        amount, currency = amount.amount, amount.currency
    if amount is None:
        return {"text": "–", "currency": ""}
    exact = Decimal(amount).normalize()
    places = max(DECIMALS.get(str(currency), 2), -int(exact.as_tuple().exponent))
    return {"text": number_format(exact, decimal_pos=places, force_grouping=True), "currency": currency}


@register.simple_tag
def ship_by(when: datetime | None, *, done: bool = False) -> str:
    """A deadline with its clock: absolute time, time left, tone. ``done`` stops the clock; ``None`` says there is no deadline."""
    if not when:  # a template's missing value is an empty text
        return kept("components/clock.html", known=False)
    told = moment(when)
    holes = {"iso": told.iso, "title": told.full, "shown": told.short}
    if done:
        return poured("components/clock.html", holes, known=True, tone=Tone.NEUTRAL, runs=False)
    judged = deadline(when, now=timezone.now())
    return poured("components/clock.html", {**holes, "words": judged.words}, known=True, tone=judged.tone, runs=True)


@register.simple_tag
def ago(when: datetime | None, *, empty: str = "–", due: bool = False) -> str:
    """A moment relative to now, with the absolute time on hover and for screen readers.

    ``due`` is for something that will happen: once its moment has come, it happens "any moment", not "just now".
    """
    if not when:
        return poured("components/ago.html", {"words": empty}, known=False)
    told, now, soon = moment(when), timezone.now(), gettext("any moment") if due else ""
    words = soon if due and when - now < timedelta(minutes=1) else relative(when, now=now)
    return poured("components/ago.html", {"iso": told.iso, "title": told.full, "words": words}, known=True, soon=soon)


@register.simple_tag
def copyable(text: str, *, href: str = "") -> str:
    """An order number or the like, in digits that are easy to compare, with a copy button where scripts run."""
    return poured("components/copyable.html", {"text": text} | ({"href": href} if href else {}), linked=bool(href))


@register.inclusion_tag("components/crumb.html")
def crumb(label: str, href: str = "", *, group: bool = False) -> dict[str, Any]:
    """One step of the breadcrumb, inside ``{% block breadcrumb %}``; the last one has no address.

    ``group`` names a heading of the navigation, which is no page either, and not the one that is open.
    """
    return {"label": label, "href": href, "group": group}


# --- Forms ------------------------------------------------------------------------------------------------------------
@register.inclusion_tag("components/field.html")
def field(
    bound: BoundField,
    *,
    label: str = "",
    help: str = "",  # noqa: A002 - HTML's own word
    compact: bool = False,
    wide: bool = False,
    one_of: bool = False,
    **attrs: Any,
) -> dict[str, Any]:
    """One form field: label, widget, help, and the error beside it, tied together for screen readers.

    ``compact`` hides the label from sight (filters); ``one_of`` says that this field or another one is needed, so that it is not called optional; more
    attributes go to the widget (``placeholder="…"``, ``autofocus=True``).
    """
    widget = bound.field.widget
    is_group = isinstance(widget, (RadioSelect, CheckboxSelectMultiple))
    classes = f"{widget.attrs.get('class', '')} {_widget_class(widget)}{' is-invalid' if bound.errors else ''}".strip()
    extra = {name.replace("_", "-"): value for name, value in attrs.items()}
    described = " ".join(
        filter(None, (f"{bound.auto_id}_helptext" if help or bound.help_text else "", f"{bound.auto_id}_error" if bound.errors else ""))
    )
    if not is_group:  # Django would put them on the frame around the choices, where the fieldset of ours stands already
        extra |= {"class": classes} | ({"aria-describedby": described} if described else {})
    return {
        "field": bound,
        "widget": bound.as_widget(attrs=extra),
        "label": label or bound.label,
        "help": help or bound.help_text,
        "kind": "check" if isinstance(widget, CheckboxInput) else "group" if is_group else "",
        "compact": compact,
        "wide": wide,
        # Nobody wonders whether words to search for must be given.
        "says_optional": not (bound.field.required or compact or one_of or getattr(widget, "input_type", "") == "search"),
    }


@register.inclusion_tag("components/error_summary.html")
def error_summary(form: BaseForm, *, title: str = "", action_label: str = "", action_href: str = "") -> dict[str, Any]:
    """What is wrong with a form, above it: each entry leads to its field. Nothing where nothing is wrong."""
    wrong = [bound for bound in form if bound.errors]
    general = list(form.non_field_errors())
    count = ngettext("%(n)s entry needs another look.", "%(n)s entries need another look.", len(wrong)) % {"n": len(wrong)}
    return {
        "title": (title or (count if wrong else general.pop(0))) if wrong or general else "",
        "general": general,
        "fields": [_summed_up(bound) for bound in wrong],
        "action_label": action_label,
        "action_href": action_href,
    }


def _summed_up(bound: BoundField) -> dict[str, str]:
    """Return a way to a field with what is wrong there; sentences that name the field are the way themselves."""
    label, words = str(bound.label), " ".join(map(str, bound.errors))
    return {"href": f"#{_place_of(bound)}"} | ({"label": words, "words": ""} if label in words else {"label": label, "words": words})


def _place_of(bound: BoundField) -> str:
    """Return the id of what takes the focus: of a group its first choice."""
    return f"{bound.auto_id}_0" if isinstance(bound.field.widget, (RadioSelect, CheckboxSelectMultiple)) else str(bound.id_for_label)


# --- Lists of things --------------------------------------------------------------------------------------------------
@register.inclusion_tag("components/tabs.html")
def tabs(items: Iterable[Mapping[str, Any]], *, label: str) -> dict[str, Any]:
    """Links between views of one thing. Each item has ``label``, ``href``, ``active`` and perhaps ``count`` (a number or "1,000+")."""
    return {"items": list(items), "label": label}


@register.inclusion_tag("components/timeline.html")
def timeline(entries: Iterable[Any], *, empty: str = "") -> dict[str, Any]:
    """What happened, newest first. Each entry has ``at``, ``text`` and perhaps ``detail``, ``actor``, ``tone``, ``icon``, ``href``."""
    return {"entries": entries, "empty": empty}


@register.simple_tag
def pagination(*, newer: str = "", older: str = "", shown: int | None = None, total: str = "", target: str = "") -> SafeString:
    """Keyset paging: ``newer`` and ``older`` are addresses (empty at the ends), ``total`` is a text such as "1,000+"."""
    holes = {name: address for name, address in (("newer", newer), ("older", older)) if address}
    told = {"shown": shown, "total": str(total), "target": target}
    return poured("components/pagination.html", holes, has_newer=bool(newer), has_older=bool(older), **told)


def _button_class(tone: str, *, small: bool = False) -> str:
    return " ".join(filter(None, ("btn", BUTTON_TONES[tone], "btn-sm" if small else "")))


def _attributes(attrs: Mapping[str, Any]) -> SafeString:
    return mark_safe(flatatt({name.rstrip("_").replace("_", "-"): value for name, value in attrs.items() if value not in (None, "")}))  # noqa: S308 - flatatt escapes


def _widget_class(widget: Widget) -> str:
    if isinstance(widget, CheckboxInput):
        return "form-check-input"
    if isinstance(widget, Select):
        return "form-select"
    return "form-control" if not isinstance(widget, ClearableFileInput) else "form-control hub-file-input"
