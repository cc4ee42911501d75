"""The shop a buyer walks through."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from stores.sandbox.tiktok import seed
from stores.sandbox.tiktok.server import ImitationTikTok
from tests.sandbox.tiktok.conftest import SSL

MUG, NAME_MUG = "/shop/products/1729582718311000000/", "/shop/products/1729582718311002000/"
WISH = {
    "sku_id": "1729582718312000000",
    "quantity": "2",
    "first_name": "Bea",
    "last_name": "Buyer",
    "line1": "1199 Coleman Ave",
    "city": "San Jose",
    "state": "California",
    "postcode": "95110",
    "pay": "now",
}


@pytest.fixture
def browser(tiktok: ImitationTikTok) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=tiktok.url, verify=SSL, follow_redirects=True) as client:
        yield client


def test_feed_shows_what_a_shop_sells_and_product_pages_their_variants(tiktok: ImitationTikTok, browser: httpx.Client) -> None:
    page = browser.get("/shop/")
    assert all(row[0] in page.text.replace("&#39;", "'") for row in seed.ADA_ROWS)
    assert "Southern" not in browser.get("/shop/", params={"shop": seed.GRETE_SHOP.shop_id}).text.partition("<h1>")[2]
    assert all(text in browser.get(MUG).text for text in ("White", "Black", "$14.90", "Buy now"))
    assert browser.get("/shop/products/1/").status_code == 404


def test_buying_several_units_leads_to_the_order(tiktok: ImitationTikTok, browser: httpx.Client) -> None:
    page = browser.post(MUG, data=WISH)
    (placed,) = tiktok.books.orders()
    assert "Thank you, Bea" in page.text
    assert placed.order_id in page.text
    assert (len(placed.lines), placed.shipping_type, placed.status) == (2, "SELLER", "ON_HOLD")
    assert "2 × $14.90" in page.text


def test_buyer_chooses_text_shipping_and_payment(tiktok: ImitationTikTok, browser: httpx.Client) -> None:
    wish = {**WISH, "sku_id": "1729582718312002000", "personalisation": "<b>Zoë</b>", "shipping": "TIKTOK", "pay": "later", "buyer_message": "Soon!"}
    page = browser.post(NAME_MUG, data=wish)
    (placed,) = tiktok.books.orders()
    assert (placed.shipping_type, placed.status, placed.buyer_message) == ("TIKTOK", "UNPAID", "Soon!")
    assert [line.personalisation for line in placed.lines] == ["<b>Zoë</b>"] * 2
    assert "&lt;b&gt;Zoë&lt;/b&gt;" in page.text


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"quantity": "0"}, "Choose between 1 and 50"),
        ({"quantity": "many"}, "is not a number"),
        ({"first_name": " "}, "first name is missing"),
        ({"city": ""}, "city is missing"),
        ({"sku_id": "1"}, "No variant is chosen"),
        ({"personalisation": "Zoë"}, "cannot be personalised"),
    ],
)
def test_wrong_purchase_says_why_and_keeps_what_was_typed(tiktok: ImitationTikTok, browser: httpx.Client, changed: dict[str, str], said: str) -> None:
    page = browser.post(MUG, data={**WISH, **changed})
    assert (page.status_code, said in page.text, "1199 Coleman Ave" in page.text) == (422, True, True)
    assert tiktok.books.order_count() == 0


def test_delisted_product_cannot_be_bought(tiktok: ImitationTikTok, browser: httpx.Client) -> None:
    product = tiktok.books.product("1729582718311000000")
    assert product is not None
    product.status = type(product.status).SELLER_DEACTIVATED
    tiktok.books.keep_product(product)
    assert browser.get(MUG).status_code == 404
