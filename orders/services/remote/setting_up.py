"""Adding, changing, testing and removing a customer's remote file storage. Only for customers whose plan has it (RF-01)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from orders.models import FileSource, FoundFile
from orders.remote_names import NameReader, check_name_pattern, is_print_file
from orders.remote_storage.opening import opened
from orders.remote_storage.types import PORTS, StorageProblem
from pod_hub.accounts.models import Customer
from pod_hub.core.file_names import BadPattern
from pod_hub.core.http import UnsafeAddress
from pod_hub.core.outbox import Delivery
from pod_hub.core.sealing import sealed_field
from pod_hub.core.tenancy import across_tenants, tenant
from pod_hub.core.typed_addresses import plain_address
from stores.models import Store

SHOWN = 5
TEST_LEASE = timedelta(seconds=40)


class CannotSetUp(Exception):
    """The storage was not saved; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What somebody entered. ``secret`` empty with ``keep_keys`` leaves the stored keys."""

    name: str
    store: Store | None
    kind: str
    endpoint: str
    region: str
    bucket: str
    prefix: str
    pattern: str
    is_public: bool
    key_id: str = ""
    secret: str = ""
    keep_keys: bool = False


def require_feature(customer: Customer) -> None:
    """Raise ``CannotSetUp`` unless the customer's plan has remote file storage."""
    if not Customer.objects.filter(pk=customer.pk, remote_files_enabled=True).exists():
        raise CannotSetUp(_("Remote file storage is not part of this customer's plan. The print provider's owner can turn it on."))


def save_source(*, customer: Customer, settings: Settings, source: FileSource | None = None) -> FileSource:
    """Store a new storage or new settings of one; it is looked through at once. Raises ``CannotSetUp``."""
    require_feature(customer)
    _check(customer, settings)
    row = FileSource.reread(source.pk) if source is not None else FileSource(psp_id=customer.psp_id, customer=customer)
    # Another place, or another way of reading names, means looking at everything anew.
    elsewhere = (row.kind, row.endpoint, row.bucket, row.prefix, row.pattern) != (
        settings.kind, settings.endpoint, settings.bucket, settings.prefix, settings.pattern,
    )  # fmt: skip
    row.name, row.store, row.kind, row.endpoint = settings.name, settings.store, settings.kind, settings.endpoint
    row.region, row.bucket, row.prefix, row.pattern = settings.region, settings.bucket, settings.prefix, settings.pattern
    field = sealed_field(FileSource, "keys_sealed")
    if settings.is_public:
        field.seal_into(row, None)
        row.key_hint = ""
    elif not settings.keep_keys:
        field.seal_into(row, {"id": settings.key_id, "secret": settings.secret})
        row.key_hint = f"…{settings.key_id[-4:]}" if settings.key_id else _("key or token")
    row.next_scan_at, row.scan_page, row.scan_lease, row.scan_leased_until, row.scan_started_at = now(), "", None, None, None
    row.last_error, row.scan_failures = "", 0
    row.test_due_at, row.tested_at, row.test_result = now(), None, {}
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise CannotSetUp(_("This customer has a storage of this name. Choose another name.")) from None
    if source is not None and elsewhere:
        waiting = FoundFile.objects.filter(source=row).exclude(state=FoundFile.State.ATTACHED)
        waiting.delete()
    return row


def _check(customer: Customer, settings: Settings) -> None:
    try:
        check_name_pattern(settings.pattern)
        if settings.endpoint:
            plain_address(settings.endpoint, ports=PORTS)
    except BadPattern as error:
        raise CannotSetUp(str(error)) from None
    except UnsafeAddress as error:
        raise CannotSetUp(_("The endpoint cannot be used: %(reason)s") % {"reason": error}) from None
    if settings.store is not None and settings.store.customer_id != customer.pk:
        raise CannotSetUp(_("This store belongs to another customer. Choose one of “%(name)s”.") % {"name": customer})
    if not settings.is_public and not settings.keep_keys and not settings.secret:
        raise CannotSetUp(_("A storage that is not public needs its keys. Enter them, or say that it is public."))


@dataclass(frozen=True, slots=True)
class Tested:
    """What a test of a storage found, in words, with some names as examples: (name, what it is read as or an empty text)."""

    works: bool
    said: str
    examples: tuple[tuple[str, str], ...] = ()


def try_source(source: FileSource) -> Tested:
    """Ask a storage for the first page of its files. Call outside any scope: it waits for the network."""
    try:
        page = opened(source).page(most=100)
    except StorageProblem as error:
        return Tested(False, str(error))
    files = [file.name for file in page.files if is_print_file(file.name)]
    if not page.files:
        return Tested(True, _("It works: the folder can be listed. There is no file in it yet."))
    reader = NameReader(source.pattern, prefix=source.prefix)
    examples = tuple((name, _read_as(reader, name)) for name in files[:SHOWN])
    fit = sum(1 for name in files if reader.read(name))
    seen = ngettext("It works: %(n)s file was seen", "It works: %(n)s files were seen", len(page.files)) % {
        "n": f"{len(page.files)}{'+' if page.next_page else ''}"
    }
    named = ngettext("%(n)s of them is named by the pattern.", "%(n)s of them are named by the pattern.", fit) % {"n": fit}
    return Tested(True, f"{seen}, {named}", examples)


def _read_as(reader: NameReader, name: str) -> str:
    found = reader.read(name)
    if found is None:
        return ""
    return (
        _("order %(order)s, item %(item)s") % {"order": found.order, "item": found.item}
        if found.item
        else _("order %(order)s") % {"order": found.order}
    )


@transaction.atomic
def ask_for_test(*, source_id: int) -> None:
    """Have a worker test a storage now; the result stands on its row."""
    FileSource.objects.filter(pk=source_id, removed_at=None).update(test_due_at=now(), tested_at=None, test_result={})


def try_next() -> bool:
    """Test the storage that waits longest for it, over all tenants. False when none does."""
    with across_tenants(reason="find a storage that somebody wants tested"):
        due = FileSource.objects.filter(test_due_at__lte=now(), removed_at=None).order_by("test_due_at", "pk")
        source = due.select_for_update(skip_locked=True, of=("self",)).first()
        if source is None:
            return False
        # Also the lease: a worker that dies over it leaves it due again a little later.
        source.test_due_at = now() + TEST_LEASE
        source.save(update_fields=["test_due_at"])
    tested = try_source(source)
    with tenant(source.psp_id):
        result = {"works": tested.works, "said": tested.said, "examples": [list(pair) for pair in tested.examples]}
        FileSource.objects.filter(pk=source.pk, test_due_at=source.test_due_at).update(test_due_at=None, tested_at=now(), test_result=result)
    return True


@transaction.atomic
def ask_for_scan(*, source_id: int) -> bool:
    """Have a storage looked through now. False when it is being looked through already."""
    row = FileSource.reread(source_id)
    if row.scan_started_at is not None:
        return False
    row.next_scan_at, row.scan_failures = now(), 0
    row.save(update_fields=["next_scan_at", "scan_failures"])
    return True


@transaction.atomic
def switch_source(*, source_id: int, active: bool) -> None:
    """Pause a storage, or go on with it. Doing it twice is harmless."""
    row = FileSource.reread(source_id)
    row.is_active = active
    if active:
        row.next_scan_at = now()
    row.save(update_fields=["is_active", "next_scan_at"])


@transaction.atomic
def remove_source(*, source_id: int) -> None:
    """Forget a storage and its keys. What was attached stays attached; files that wait for an order are forgotten."""
    row = FileSource.reread(source_id)
    row.removed_at, row.is_active, row.key_hint = now(), False, ""
    sealed_field(FileSource, "keys_sealed").seal_into(row, None)
    row.save()
    FoundFile.objects.filter(source=row).exclude(state=FoundFile.State.ATTACHED).delete()


@transaction.atomic
def look_again(*, file_id: int) -> None:
    """Have one file that was not used looked at again with the next scan, as a person asked."""
    FoundFile.objects.filter(pk=file_id).exclude(state__in=[FoundFile.State.ATTACHED, FoundFile.State.MATCHED, FoundFile.State.PREPARING]).update(
        etag="", delivery=Delivery.CONFIRMED
    )
    FileSource.objects.filter(files=file_id, scan_started_at=None).update(next_scan_at=now(), scan_failures=F("scan_failures"))
