"""Who uses the hub: PSP (the tenant), its facilities and customers, users and their memberships."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar
from zoneinfo import available_timezones

from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from pod_hub.accounts.audit_log import AuditEntry as AuditEntry  # a model of this app, in a module of its own
from pod_hub.accounts.colours import readable_colour
from pod_hub.accounts.operator_visits import OperatorVisit as OperatorVisit
from pod_hub.core.file_names import LONGEST_PATTERN
from pod_hub.core.narrowing import ByColumns, Narrowing, narrowing
from pod_hub.core.public_ids import PublicIdField
from pod_hub.core.sealing import SealedJSON
from pod_hub.core.tenancy import TenantForeignKey, TenantModel


def known_time_zone(value: str) -> None:
    """Refuse a time zone that the tz database does not have."""
    if value not in available_timezones():
        raise ValidationError(_("%(zone)s is not a time zone. Use a name such as Europe/Berlin."), params={"zone": value})


one_line = RegexValidator(r"\A[^\r\n<>\"]*\Z", _("Use one line without quotation marks and angle brackets."))


class Psp(models.Model):
    """A print service provider: the tenant. Every domain row belongs to exactly one."""

    public_id = PublicIdField(prefix="psp")
    name = models.CharField(_("name"), max_length=120)
    slug = models.SlugField(_("short name"), unique=True)
    time_zone = models.CharField(_("time zone"), max_length=64, default="Europe/Berlin", validators=[known_time_zone])
    second_factor_for_all = models.BooleanField(
        _("everybody signs in with two steps"),
        default=False,
        help_text=_("Members without a second step are sent to set one up and see nothing else until they have."),
    )
    # How it shows itself to its customers; empty means by its name, in the hub's colour, without a logo.
    display_name = models.CharField(_("name shown to customers"), max_length=120, blank=True)
    colour = models.CharField(_("colour"), max_length=7, blank=True, validators=[readable_colour])
    logo_name = models.CharField(max_length=200, blank=True, editable=False)
    mail_sender_name = models.CharField(_("sender of mails"), max_length=80, blank=True, validators=[one_line])
    reply_to = models.EmailField(_("replies go to"), blank=True)
    print_file_pattern = models.CharField(_("names of print files"), max_length=LONGEST_PATTERN, default="{order_number}_{line}.{ext}")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("print service provider")

    def __str__(self) -> str:
        return self.name

    @property
    def shown_name(self) -> str:
        """What customers call it."""
        return self.display_name or self.name


class UserManager(BaseUserManager["User"]):
    """Users are known by their e-mail address."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Create a user; without a password the account cannot sign in until one is set."""
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Create an operator who may use Django admin."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        """Find by e-mail, whatever its case."""
        return self.get(email__iexact=username)


class User(AbstractUser):
    """A person. What they may do where is said by their memberships."""

    username = None  # type: ignore[assignment]
    email = models.EmailField(_("e-mail"), unique=True)
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[UserManager] = UserManager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("user")
        constraints = [models.UniqueConstraint(Lower("email"), name="one_user_per_email")]

    def __str__(self) -> str:
        return self.get_full_name() or self.email


class Weekday(models.IntegerChoices):
    """Days by their ISO number."""

    MONDAY = 1, _("Monday")
    TUESDAY = 2, _("Tuesday")
    WEDNESDAY = 3, _("Wednesday")
    THURSDAY = 4, _("Thursday")
    FRIDAY = 5, _("Friday")
    SATURDAY = 6, _("Saturday")
    SUNDAY = 7, _("Sunday")


def monday_to_friday() -> list[int]:
    """Return the days on which most facilities work."""
    return [1, 2, 3, 4, 5]


class Facility(TenantModel):
    """One plant of a PSP, where orders are produced; its address is the ship-from address."""

    narrowed_by = ByColumns(facility="id", writes=False)

    public_id = PublicIdField(prefix="fac")
    name = models.CharField(_("name"), max_length=120)
    address_lines = models.TextField(_("street address"))
    city = models.CharField(_("city"), max_length=80)
    region = models.CharField(_("state or region"), max_length=80, blank=True)
    postcode = models.CharField(_("postcode"), max_length=20)
    country = CountryField(_("country"))
    time_zone = models.CharField(_("time zone"), max_length=64, default="Europe/Berlin", validators=[known_time_zone])
    working_days = ArrayField(models.PositiveSmallIntegerField(choices=Weekday), verbose_name=_("working days"), default=monday_to_friday)
    cut_off = models.TimeField(_("cut-off time"), null=True, blank=True)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta(TenantModel.Meta):
        verbose_name = _("facility")
        verbose_name_plural = _("facilities")
        constraints = [models.UniqueConstraint("psp", Lower("name"), name="one_facility_per_name")]

    def __str__(self) -> str:
        return self.name


class Customer(TenantModel):
    """A PSP's merchant. Sees only its own stores, products and orders, and only while storefronts are enabled."""

    narrowed_by = ByColumns(customer="id")

    public_id = PublicIdField(prefix="cus")
    name = models.CharField(_("name"), max_length=120)
    storefronts_enabled = models.BooleanField(_("enable storefronts"), default=False)
    remote_files_enabled = models.BooleanField(_("remote file storage"), default=False)  # part of a paid plan (RF-01); an owner turns it on
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(TenantModel.Meta):
        verbose_name = _("customer")
        constraints = [models.UniqueConstraint("psp", Lower("name"), name="one_customer_per_name")]
        indexes = [models.Index("psp", "name", "id", name="customer_list")]

    def __str__(self) -> str:
        return self.name


MOST_SENDER_LINES, LONGEST_SENDER_LINE = 6, 80


def few_short_lines(value: str) -> None:
    """Refuse a sender that would not fit on the head of a packing slip."""
    lines = value.splitlines()
    if len(lines) > MOST_SENDER_LINES or max(map(len, lines), default=0) > LONGEST_SENDER_LINE:
        raise ValidationError(
            _("The head of the packing slip has room for %(lines)s lines of %(signs)s characters. Shorten it."),
            params={"lines": MOST_SENDER_LINES, "signs": LONGEST_SENDER_LINE},
        )


class TradingName(TenantModel):
    """A name under which a customer sells; it stands on the packing slip (CS-03), with its logo and sender if it has them.

    ``logo_name`` is where Django's storage keeps the logo, a PNG that the hub itself encoded. ``sender``, ``sender_email`` and ``sender_phone``
    are what buyers read of the seller beneath the name; returns go to the facility all the same.
    """

    narrowed_by = ByColumns(customer="customer_id")

    public_id = PublicIdField(prefix="trn")
    customer = TenantForeignKey(Customer, related_name="trading_names")
    name = models.CharField(_("trading name"), max_length=120)
    logo_name = models.CharField(max_length=200, blank=True, editable=False)
    sender = models.TextField(_("sender on the packing slip"), blank=True, validators=[few_short_lines])
    sender_email = models.EmailField(_("e-mail for buyers"), blank=True)
    sender_phone = models.CharField(_("telephone for buyers"), max_length=40, blank=True)

    class Meta(TenantModel.Meta):
        verbose_name = _("trading name")
        constraints = [models.UniqueConstraint("customer", Lower("name"), name="one_trading_name_per_customer")]

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    """What a membership lets a person do."""

    OWNER = "owner", _("owner")
    MANAGER = "manager", _("manager")
    PRODUCTION = "production", _("production")
    READER = "reader", _("accountant (read only)")
    MERCHANT = "merchant", _("merchant")


class Membership(models.Model):
    """A person's place in one PSP, as staff or (role merchant) for one of its customers.

    Staff may be narrowed to some customers or facilities (``only_customers``, ``only_facilities``: row ids; None is all). A global table: it
    is read to find out which scope to open.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    psp = models.ForeignKey(Psp, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(_("role"), max_length=12, choices=Role)
    # Held by a composite constraint over (psp, customer), which the migration makes: a customer of another PSP is refused.
    customer = TenantForeignKey(Customer, null=True, blank=True, related_name="+")
    only_customers = ArrayField(models.BigIntegerField(), verbose_name=_("only these customers"), null=True, blank=True)
    only_facilities = ArrayField(models.BigIntegerField(), verbose_name=_("only these facilities"), null=True, blank=True)
    is_active = models.BooleanField(default=True)
    # Why one that is not active is not: blocked ones may come back by a button, the others have left.
    is_blocked = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("membership")
        constraints = [
            models.UniqueConstraint(fields=["user", "psp", "customer"], name="one_membership_per_place", nulls_distinct=False),
            models.CheckConstraint(
                name="merchants_have_a_customer",
                condition=models.Q(role=Role.MERCHANT, customer__isnull=False) | (~models.Q(role=Role.MERCHANT) & models.Q(customer__isnull=True)),
            ),
            models.CheckConstraint(name="blocked_is_not_active", condition=~models.Q(is_active=True, is_blocked=True)),
            models.CheckConstraint(
                name="owners_and_merchants_are_not_narrowed",
                condition=models.Q(only_customers=None, only_facilities=None) | ~models.Q(role__in=[Role.OWNER, Role.MERCHANT]),
            ),
            models.CheckConstraint(
                name="narrowed_to_something",
                condition=(models.Q(only_customers=None) | ~models.Q(only_customers=[]))
                & (models.Q(only_facilities=None) | ~models.Q(only_facilities=[])),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.psp} · {self.role}"

    @property
    def is_staff_of_psp(self) -> bool:
        """Whether this person works for the PSP (and not for one of its customers)."""
        return self.role != Role.MERCHANT

    def clean(self) -> None:
        """Say in words what the database would refuse at the end of the transaction (for forms; operators make memberships in Django admin)."""
        if self.customer_id is not None and self.customer is not None and self.customer.psp_id != self.psp_id:
            raise ValidationError({"customer": _("This customer belongs to another print provider. Choose one of the membership's own.")})

    # The customer whose portal this person has entered for now (GT-08); set by the web's door, never stored.
    entered: Customer | None = None

    @property
    def is_narrowed(self) -> bool:
        """Whether this person sees only a part of the PSP."""
        return bool(self.narrowed_to)

    @property
    def narrowed_to(self) -> Narrowing:
        """What the scopes of this person's requests are narrowed to."""
        if self.customer_id is not None:
            return narrowing(customers=[self.customer_id])
        own = narrowing(self.only_customers, self.only_facilities)
        return narrowing(customers=[self.entered.pk]).within(own) if self.entered else own

    @property
    def may_change_orders(self) -> bool:
        """Whether this person may release, move and ship."""
        return self.role in {Role.OWNER, Role.MANAGER, Role.PRODUCTION}

    @property
    def may_manage(self) -> bool:
        """Whether this person may change customers, stores, catalog and mappings."""
        return self.role in {Role.OWNER, Role.MANAGER}

    @property
    def may_set_up(self) -> bool:
        """Whether this person may change what belongs to the PSP as a whole: catalog, facilities, customers, settings."""
        return self.may_manage and not self.is_narrowed

    @property
    def may_act_for_customer(self) -> bool:
        """Whether this person may act for a customer in the portal: map its listings, approve its orders, change its trading names."""
        return self.may_manage or self.role == Role.MERCHANT

    @property
    def may_import(self) -> bool:
        """Whether this person may have a store read now instead of at its next turn."""
        return self.may_change_orders or self.role == Role.MERCHANT

    @property
    def may_connect_stores(self) -> bool:
        """Whether this person may connect, renew and disconnect stores: a PSP's managers for all customers, merchants for themselves."""
        return self.may_manage or self.role == Role.MERCHANT

    @property
    def is_owner(self) -> bool:
        """Whether this person owns the PSP, seen from outside any customer's portal."""
        return self.role == Role.OWNER and not self.is_narrowed

    @property
    def may_give_keys(self) -> bool:
        """Whether this person may make and revoke API keys."""
        return self.is_owner


class Invitation(TenantModel):
    """A link by mail with which one person may take one place in a PSP, once, within three days.

    Bound to address, PSP, role and customer. The link's secret is in the mail alone; ``token_hash`` is its keyed hash, and sending it again
    makes a new one. An invitation is over when it was accepted or revoked, and asleep when it has expired: sending it again wakes it.
    """

    LIFETIME = timedelta(hours=72)

    narrowed_by = ByColumns(customer="customer_id")

    public_id = PublicIdField(prefix="inv")
    email = models.EmailField(_("e-mail"))
    first_name = models.CharField(_("first name"), max_length=150, blank=True)
    last_name = models.CharField(_("surname"), max_length=150, blank=True)
    role = models.CharField(_("role"), max_length=12, choices=Role)
    customer = TenantForeignKey(Customer, null=True, blank=True, related_name="invitations")
    only_customers = ArrayField(models.BigIntegerField(), null=True, blank=True)
    only_facilities = ArrayField(models.BigIntegerField(), null=True, blank=True)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True)
    invited_at = models.DateTimeField(default=now)
    sent_times = ArrayField(models.DateTimeField(), default=list, editable=False)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        verbose_name = _("invitation")
        constraints = [
            models.UniqueConstraint(
                "psp",
                Lower("email"),
                "customer",
                name="one_open_invitation_per_place",
                condition=models.Q(accepted_at=None, revoked_at=None),
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="invited_merchants_have_a_customer",
                condition=models.Q(role=Role.MERCHANT, customer__isnull=False) | (~models.Q(role=Role.MERCHANT) & models.Q(customer__isnull=True)),
            ),
        ]
        indexes = [models.Index("psp", "customer", "invited_at", name="invitation_list")]

    def __str__(self) -> str:
        return f"invitation {self.public_id}"

    @property
    def is_over(self) -> bool:
        """Whether it was accepted or revoked."""
        return self.accepted_at is not None or self.revoked_at is not None

    @property
    def is_open(self) -> bool:
        """Whether its link works at this moment."""
        return not self.is_over and self.expires_at > now()

    @property
    def full_name(self) -> str:
        """The name the invitation was made out to, or an empty text."""
        return f"{self.first_name} {self.last_name}".strip()


class PortalVisit(TenantModel):
    """Somebody of the PSP looked at a customer's portal with their own login (GT-08). Append-only but for its end."""

    narrowed_by = ByColumns(customer="customer_id")

    customer = TenantForeignKey(Customer, related_name="portal_visits")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField(default=now)
    left_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        verbose_name = _("portal visit")
        indexes = [models.Index("psp", "customer", models.F("entered_at").desc(), name="visits_of_customer")]

    def __str__(self) -> str:
        return f"visit to customer {self.customer_id}"


class Scope(models.TextChoices):
    """What an API key may do. Each operation of the API needs exactly one; ``buyers:read`` adds the buyer to what is shown."""

    ORDERS_READ = "orders:read", _("read orders, print files, stores and products")
    ORDERS_WRITE = "orders:write", _("enter orders, release them, move lines, release holds")
    PACKAGES_WRITE = "packages:write", _("ship packages")
    BUYERS_READ = "buyers:read", _("see buyers' names, addresses and own texts")
    INTAKE_READ = "intake:read", _("read the intake ledger")


class ApiKey(TenantModel):
    """A program's key to the API of one PSP.

    The secret is shown once and not kept: ``secret_hash`` is its keyed hash. ``prefix`` is the part of the key that people may see; it
    finds the row in the scope for all, which then says whose scope to open. A revoked or expired key stays as a row, because timelines name it.
    """

    public_id = PublicIdField(prefix="key")
    name = models.CharField(_("name"), max_length=80)
    prefix = models.CharField(max_length=16, unique=True, editable=False)
    secret_hash = models.CharField(max_length=64, editable=False)
    scopes = ArrayField(models.CharField(max_length=20, choices=Scope), verbose_name=_("what it may do"))
    created_at = models.DateTimeField(default=now)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True)
    expires_at = models.DateTimeField(_("expires"), null=True)
    last_used_at = models.DateTimeField(_("last used"), null=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True)
    revoked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True)

    class Meta(TenantModel.Meta):
        verbose_name = _("API key")

    def __str__(self) -> str:
        return self.name

    @property
    def is_live(self) -> bool:
        """Whether the key opens anything at this moment."""
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > now())


class KeptAnswer(TenantModel):
    """What the API answered to a request with an idempotency key, so that its repetition gets the same answer and does nothing.

    Written in the transaction of the request's effects: both are there or neither is. Sealed, because an answer may quote what was sent.
    ``request_hash`` is a keyed hash over method, path and body.
    """

    api_key = TenantForeignKey(ApiKey, related_name="kept_answers")
    key_hash = models.CharField(max_length=64)
    request_hash = models.CharField(max_length=64)
    answer_sealed = SealedJSON()
    kept_at = models.DateTimeField(default=now)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["api_key", "key_hash"], name="one_answer_per_idempotency_key")]
        indexes = [models.Index("psp", "kept_at", name="kept_answers_by_age")]

    def __str__(self) -> str:
        return f"answer kept for API key {self.api_key_id}"

    def seal_mark(self) -> str:
        """Bind the sealed answer to the request it answers."""
        return self.key_hash
