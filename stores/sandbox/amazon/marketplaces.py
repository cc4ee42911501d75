"""Amazon's marketplaces that the imitation knows, with the identifiers Amazon publishes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Marketplace:
    """One national site. ``country`` is what Amazon's participations answer says (ISO, so the United Kingdom is GB)."""

    id: str
    country: str
    name: str
    region: str
    currency: str
    language: str
    domain: str


MARKETPLACES: dict[str, Marketplace] = {
    row.id: row
    for row in (
        Marketplace("ATVPDKIKX0DER", "US", "Amazon.com", "NA", "USD", "en_US", "www.amazon.com"),
        Marketplace("A2EUQ1WTGCTBG2", "CA", "Amazon.ca", "NA", "CAD", "en_CA", "www.amazon.ca"),
        Marketplace("A1AM78C64UM0Y8", "MX", "Amazon.com.mx", "NA", "MXN", "es_MX", "www.amazon.com.mx"),
        Marketplace("A2Q3Y263D00KWC", "BR", "Amazon.com.br", "NA", "BRL", "pt_BR", "www.amazon.com.br"),
        Marketplace("A1F83G8C2ARO7P", "GB", "Amazon.co.uk", "EU", "GBP", "en_GB", "www.amazon.co.uk"),
        Marketplace("A1PA6795UKMFR9", "DE", "Amazon.de", "EU", "EUR", "de_DE", "www.amazon.de"),
        Marketplace("A13V1IB3VIYZZH", "FR", "Amazon.fr", "EU", "EUR", "fr_FR", "www.amazon.fr"),
        Marketplace("APJ6JRA9NG5V4", "IT", "Amazon.it", "EU", "EUR", "it_IT", "www.amazon.it"),
        Marketplace("A1RKKUPIHCS9HS", "ES", "Amazon.es", "EU", "EUR", "es_ES", "www.amazon.es"),
        Marketplace("A28R8C7NBKEWEA", "IE", "Amazon.ie", "EU", "EUR", "en_IE", "www.amazon.ie"),
        Marketplace("A1805IZSGTT6HS", "NL", "Amazon.nl", "EU", "EUR", "nl_NL", "www.amazon.nl"),
        Marketplace("AMEN7PMS3EDWL", "BE", "Amazon.com.be", "EU", "EUR", "fr_BE", "www.amazon.com.be"),
        Marketplace("A2NODRKZP88ZB9", "SE", "Amazon.se", "EU", "SEK", "sv_SE", "www.amazon.se"),
        Marketplace("A1C3SOZRARQ6R3", "PL", "Amazon.pl", "EU", "PLN", "pl_PL", "www.amazon.pl"),
        Marketplace("A33AVAJ2PDY3EV", "TR", "Amazon.com.tr", "EU", "TRY", "tr_TR", "www.amazon.com.tr"),
        Marketplace("A17E79C6D8DWNP", "SA", "Amazon.sa", "EU", "SAR", "ar_AE", "www.amazon.sa"),
        Marketplace("A2VIGQ35RCS4UG", "AE", "Amazon.ae", "EU", "AED", "en_AE", "www.amazon.ae"),
        Marketplace("ARBP9OOSHTCHU", "EG", "Amazon.eg", "EU", "EGP", "ar_AE", "www.amazon.eg"),
        Marketplace("AE08WJ6YKNBMC", "ZA", "Amazon.co.za", "EU", "ZAR", "en_ZA", "www.amazon.co.za"),
        Marketplace("A21TJRUUN4KGV", "IN", "Amazon.in", "EU", "INR", "en_IN", "www.amazon.in"),
        Marketplace("A1VC38T7YXB528", "JP", "Amazon.co.jp", "FE", "JPY", "ja_JP", "www.amazon.co.jp"),
        Marketplace("A39IBJ37TRP1C6", "AU", "Amazon.com.au", "FE", "AUD", "en_AU", "www.amazon.com.au"),
        Marketplace("A19VAU5U5O7RUS", "SG", "Amazon.sg", "FE", "SGD", "en_SG", "www.amazon.sg"),
    )
}
