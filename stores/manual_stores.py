"""The form of a store without a marketplace."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from stores.new_store_form import NewStoreForm


class ManualStoreForm(NewStoreForm):
    """Whose store it is, what it is called and where it prints."""

    field_order = ("customer", "name", "facility", "trading_name")

    name = forms.CharField(label=_("Store name"), max_length=120, help_text=_("Such as the web shop's address. Lists of orders show it."))
