"""What pages of files, storages and tables need before they are there: uploaded and set up over HTTP, as a person would."""

from __future__ import annotations

from tests.browser.stage import Stage
from tests.journeys.form_reader import FormReader, NotOnThePage, Page
from tests.journeys.walk import wait_for

STORE = "Ada's Mugs & More · Amazon.de"
BULK = b"SKU,Product UID,Design File URL\r\nCUSHION-40X40,STICKER-A5,\r\nNO-SUCH-SKU,STICKER-A5,\r\nMUG-11OZ-WHITE,NO-SUCH-UID,\r\n"


def store_of(stage: Stage, staff: FormReader) -> Page:
    """Open the page of the demo's German store, once its listings are there."""
    address = staff.open(f"{stage.hub}/stores/").link(says=STORE)

    def synced() -> None:
        staff.open(address).expect("Classic T-shirt, black, M")

    wait_for(synced, within_s=45)
    return staff.open(address)


def bulk_import(stage: Stage, staff: FormReader) -> str:
    """Upload a bulk file, some of whose rows are wrong; return its address once it is checked."""
    form = staff.open(store_of(stage, staff).link(says="Bulk Operations")).form(has="file")
    address = staff.send(form, {"email": "ada@shop.test"}, files={"file": ("products.csv", BULK, "text/csv")}).address
    wait_for(lambda: staff.open(address).expect("can be connected"), within_s=45)
    return address


def storage(stage: Stage, staff: FormReader) -> str:
    """Put remote files into a customer's plan and add a storage that is not there; return its address."""
    customer = staff.open(staff.open(f"{stage.hub}/customers/").link(says="Ada's Atelier"))
    switch = customer.form(to="/remote-files/")
    if ("enabled", "yes") in switch.button_fields:
        staff.send(switch, button=("enabled", "yes"))
    number = customer.address.rstrip("/").rpartition("/")[2]
    form = staff.open(f"{stage.hub}/orders/storages/of/{number}/add/").form(has="bucket")
    return staff.send(form, {"name": "Print files", "bucket": "no-such-bucket", "region": "eu-central-1", "access": "public"}).address


def catalog_table(stage: Stage, staff: FormReader) -> str:
    """Upload a table of the catalog with a wrong row; return the address of its check."""
    tables = staff.open(f"{stage.hub}/catalog/spreadsheets/")
    form = tables.form(has="file")
    there = staff.http.get(f"{stage.hub}/catalog/spreadsheets/products.csv").content
    sent = staff.send(form, {"kind": "products"}, files={"file": ("products.csv", there + b"NEW-UID,no such model\r\n", "text/csv")})

    def checked() -> None:
        page = staff.open(sent.address)
        page.expect("products.csv")
        if "Being checked" in page.text:
            raise NotOnThePage("It is still being checked.")

    wait_for(checked, within_s=45)
    return sent.address
