"""The form of a remote file storage."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.forms import offer
from orders.models import FileSource
from orders.remote_models import STANDARD_PATTERN, StorageKind
from orders.remote_storage.addresses import NoStorage, split_address
from orders.services.remote.setting_up import Settings
from pod_hub.accounts.models import Customer
from stores.models import Store

KEYS, PUBLIC = "keys", "public"
SPLIT = ("kind", "endpoint", "region", "bucket", "prefix")


class StorageForm(forms.Form):
    """Where a customer's print files lie, and how they are named. The address is only there to be split into the fields below it (RF-08)."""

    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("How you call it, such as “Print files”."))
    address = forms.CharField(
        label=_("Full address"), max_length=2000, required=False, strip=True,
        help_text=_("Paste the address of the folder, such as https://my-bucket.s3.eu-central-1.amazonaws.com/prints or s3://my-bucket/prints. It fills in the fields below."),
    )  # fmt: skip
    kind = forms.ChoiceField(label=_("Storage"), choices=StorageKind.choices)
    endpoint = forms.CharField(
        label=_("Endpoint"), max_length=300, required=False,
        help_text=_("Left empty for Amazon and Google. Others name theirs, such as https://fra1.digitaloceanspaces.com; Azure’s is https://account.blob.core.windows.net."),
    )  # fmt: skip
    region = forms.CharField(label=_("Region"), max_length=40, required=False, help_text=_("Such as eu-central-1. Google and Azure need none."))
    bucket = forms.CharField(label=_("Bucket or container"), max_length=255, required=False)
    prefix = forms.CharField(  # type: ignore[assignment]  # Django moves declared fields away from the form's own attribute of this name
        label=_("Folder"), max_length=500, required=False, help_text=_("Only files below it are looked at. Left empty: the whole bucket.")
    )
    access = forms.ChoiceField(
        label=_("Access"),
        widget=forms.RadioSelect,
        initial=KEYS,
        choices=[(KEYS, _("private: with keys")), (PUBLIC, _("public: everybody may list and read it"))],
    )
    key_id = forms.CharField(
        label=_("Access key"), max_length=200, required=False, widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=_("Google: an HMAC key of interoperability. Azure has none."),
    )  # fmt: skip
    secret = forms.CharField(
        label=_("Secret key"), max_length=2000, required=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("Azure: an account key, or better a SAS token with Read and List. It is kept encrypted and never shown again."),
    )  # fmt: skip
    store: forms.ModelChoiceField[Any] = forms.ModelChoiceField(
        queryset=None, label=_("For orders of"), required=False, empty_label=_("all stores of this customer")
    )
    pattern = forms.CharField(
        label=_("File names"), max_length=120, initial=STANDARD_PATTERN, widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"})
    )

    def __init__(self, *args: Any, customer: Customer, source: FileSource | None = None, **kwargs: Any) -> None:
        if source is not None:
            kept = {name: getattr(source, name) for name in ("name", "kind", "endpoint", "region", "bucket", "prefix", "pattern")}
            kwargs["initial"] = kept | {"store": source.store_id, "access": PUBLIC if source.keys_sealed is None else KEYS}
        super().__init__(*args, **kwargs)
        self.has_keys = source is not None and source.keys_sealed is not None
        offer(self, "store", Store.objects.filter(customer=customer, removed_at=None).order_by("name"))
        if self.has_keys and source is not None:
            self.fields["secret"].help_text = gettext("Keys are stored (%(hint)s). Left empty, they stay; enter both to change them.") % {
                "hint": source.key_hint
            }

    @classmethod
    def with_address_split(cls, typed: Mapping[str, str], *, customer: Customer, source: FileSource | None) -> StorageForm:
        """Return an unsent form with what was typed, its address taken apart. Raises ``NoStorage``."""
        place = split_address(typed.get("address", ""))
        form = cls(customer=customer, source=source)
        form.initial.update({name: typed[name] for name in form.fields if name in typed})
        form.initial.update({name: getattr(place, name) for name in SPLIT})
        if place.secret:
            form.initial["access"] = KEYS  # the address stays, because the token in it is needed when the form is sent
        else:
            form.initial["address"] = ""
        return form

    def clean(self) -> dict[str, Any]:
        """Split an address that nobody pressed the button for, and ask for what then still lacks."""
        given = super().clean() or self.cleaned_data
        if given.get("address"):
            try:
                place = split_address(given["address"])
            except NoStorage as error:
                self.add_error("address", str(error))
                return given
            given |= {name: getattr(place, name) for name in SPLIT}
            if place.secret:
                given |= {"secret": place.secret, "access": KEYS}
        if not given.get("bucket"):
            self.add_error("bucket", gettext("Name the bucket, or paste the full address above."))
        if given.get("kind") == StorageKind.AZURE and not given.get("endpoint"):
            self.add_error("endpoint", gettext("Azure needs its endpoint, such as https://account.blob.core.windows.net."))
        if given.get("access") == KEYS and not self.has_keys and not given.get("secret"):
            self.add_error("secret", gettext("A storage that is not public needs its keys."))
        if given.get("access") == KEYS and given.get("kind") != StorageKind.AZURE and given.get("secret") and not given.get("key_id"):
            self.add_error("key_id", gettext("Enter the access key that belongs to the secret."))
        return given

    def chosen(self) -> Settings:
        """Return what was entered; call it on a valid form."""
        given = self.cleaned_data
        named = {name: given[name].strip() for name in ("name", "kind", "endpoint", "region", "bucket", "prefix", "pattern", "key_id", "secret")}
        public = given["access"] == PUBLIC
        return Settings(store=given["store"], is_public=public, keep_keys=self.has_keys and not public and not named["secret"], **named)
