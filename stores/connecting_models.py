"""The rows of connecting a store: wizard, mailed link, who may authorise, connected periods, self-tests."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from pod_hub.accounts.models import Customer, User
from pod_hub.core.narrowing import ByColumns, Through
from pod_hub.core.public_ids import PublicIdField
from pod_hub.core.sealing import SealedJSON
from pod_hub.core.tenancy import TenantForeignKey, TenantModel, TenantOneToOneField
from stores.channels.registry import ChannelKind


class ConnectionWizard(TenantModel):
    """One connecting of a store, from choosing the platform to "Add connection". A row, so it goes on after a refresh, a sign-out or in
    another browser, for anybody who may connect stores of this customer.

    ``authorization`` is the consent that waits for the last step; ``store`` exists from the second step on.
    """

    narrowed_by = ByColumns(customer="customer_id")

    class Step(models.TextChoices):
        SETUP = "setup", _("store setup")
        AUTHORIZE = "authorize", _("authorize")
        FINISH = "finish", _("finish")
        DONE = "done", _("done")

    public_id = PublicIdField(prefix="wiz")
    kind = models.CharField(max_length=12, choices=ChannelKind)
    step = models.CharField(max_length=12, choices=Step, default=Step.SETUP)
    customer = TenantForeignKey(Customer, related_name="connection_wizards", null=True)
    store = TenantForeignKey("stores.Store", models.SET_NULL, related_name="wizards", null=True)
    makes_store = models.BooleanField(default=False)  # the store was added for this wizard, so giving up removes it
    authorization = TenantForeignKey("stores.Authorization", models.SET_NULL, related_name="wizards", null=True)
    started_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField(default=now)
    changed_at = models.DateTimeField(auto_now=True)
    cancelled_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        verbose_name = _("connection wizard")
        indexes = [models.Index(fields=["psp", "-changed_at"], name="wizards_open", condition=~Q(step="done") & Q(cancelled_at=None))]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} wizard ({self.step})"

    @property
    def is_open(self) -> bool:
        """Whether its steps may still be taken."""
        return self.step != self.Step.DONE and self.cancelled_at is None


class ConsentLink(TenantModel):
    """A mailed link by which a merchant without an account gives the consent (DS-09). Works once, expires, can be withdrawn.

    The token is kept only as a keyed hash; the address it was mailed to is sealed. With a ``wizard`` the PSP finalises afterwards;
    without one it renews a connected store's permission. Whoever opens it sees who asks for what before anything happens.
    """

    narrowed_by = Through("store")

    LIFETIME = timedelta(days=7)
    RENEWAL_LIFETIME = timedelta(days=30)

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting for the merchant")
        AUTHORISED = "authorised", _("authorised")
        DECLINED = "declined", _("declined")
        REVOKED = "revoked", _("withdrawn")

    public_id = PublicIdField(prefix="lnk")
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    store = TenantForeignKey("stores.Store", models.CASCADE, related_name="consent_links")
    wizard = TenantForeignKey(ConnectionWizard, models.CASCADE, related_name="links", null=True)
    state = models.CharField(max_length=12, choices=State, default=State.WAITING)
    email_sealed = SealedJSON()
    sent_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True)
    sent_at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        verbose_name = _("consent link")
        constraints = [models.UniqueConstraint(fields=["store"], name="one_waiting_link_per_store", condition=Q(state="waiting"))]

    def __str__(self) -> str:
        return f"link for store {self.store_id} ({self.state})"

    def seal_mark(self) -> str:
        """Bind the sealed address to this link."""
        return self.public_id

    @property
    def has_expired(self) -> bool:
        """Whether nobody used it in time."""
        return self.state == self.State.WAITING and self.expires_at <= now()


class ConsentByStaff(TenantModel):
    """A PSP's decision that its own staff may give the consent for a customer without portal access (GA-04); absent means no."""

    narrowed_by = ByColumns(customer="customer_id")

    customer = TenantOneToOneField(Customer, models.CASCADE, related_name="consent_by_staff")
    allowed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    allowed_at = models.DateTimeField(default=now)

    class Meta(TenantModel.Meta):
        verbose_name = _("consent by staff")

    def __str__(self) -> str:
        return f"staff may authorise for customer {self.customer_id}"


class ConnectedPeriod(TenantModel):
    """A stretch of time in which a store was connected; what the bill counts (DS-07). The one without an end is going on."""

    narrowed_by = Through("store")

    store = TenantForeignKey("stores.Store", related_name="connected_periods")
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        verbose_name = _("connected period")
        constraints = [models.UniqueConstraint(fields=["store"], name="one_open_period_per_store", condition=Q(ended_at=None))]
        indexes = [models.Index("psp", "began_at", name="periods_by_month")]

    def __str__(self) -> str:
        return f"store {self.store_id} from {self.began_at:%Y-%m-%d}"


class SelfTest(TenantModel):
    """One test of a connection, step by step in a worker; a row, so its progress survives a reload. One a store runs at a time."""

    narrowed_by = Through("store")

    public_id = PublicIdField(prefix="tst")
    store = TenantForeignKey("stores.Store", models.CASCADE, related_name="self_tests")
    started_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField(default=now)
    finished_at = models.DateTimeField(null=True)
    not_before = models.DateTimeField(default=now)
    waits_for = models.CharField(max_length=200, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    lease = models.UUIDField(null=True, editable=False)
    leased_until = models.DateTimeField(null=True, editable=False)

    class Meta(TenantModel.Meta):
        verbose_name = _("self-test")
        constraints = [models.UniqueConstraint(fields=["store"], name="one_running_test_per_store", condition=Q(finished_at=None))]
        indexes = [models.Index("not_before", name="self_tests_due", condition=Q(finished_at=None))]

    def __str__(self) -> str:
        return f"self-test of store {self.store_id}"


class SelfTestStep(TenantModel):
    """What one step of a self-test found, in plain words."""

    narrowed_by = Through("test")

    class Outcome(models.TextChoices):
        OK = "ok", _("works")
        FAILED = "failed", _("does not work")
        UNKNOWN = "unknown", _("cannot be told yet")

    test = TenantForeignKey(SelfTest, models.CASCADE, related_name="steps")
    step = models.CharField(max_length=20)
    outcome = models.CharField(max_length=12, choices=Outcome)
    detail = models.TextField(blank=True)
    at = models.DateTimeField(default=now)

    class Meta(TenantModel.Meta):
        verbose_name = _("self-test step")
        constraints = [models.UniqueConstraint(fields=["test", "step"], name="one_result_per_step")]
        ordering: ClassVar[list[str]] = ["pk"]

    def __str__(self) -> str:
        return f"{self.step}: {self.outcome}"
