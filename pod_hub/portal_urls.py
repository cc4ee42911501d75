"""The merchant's portal: what each app shows there. Stores and the connecting of listings have one address for both audiences."""

from django.urls import path

from catalog.views import portal as catalog
from orders.views.portal import home, order, orders
from pod_hub.accounts.views import portal as accounts

app_name = "portal"
urlpatterns = [
    path("", home.home, name="home"),
    path("products/", catalog.products, name="products"),
    path("products/<slug:public_id>/", catalog.product, name="product"),
    path("products/<slug:public_id>/designs/add/", catalog.add_design, name="add_design"),
    path("orders/", orders.orders, name="orders"),
    path("orders/<slug:public_id>/", order.order, name="order"),
    path("orders/<slug:public_id>/buyer/", order.buyer, name="buyer"),
    path("orders/<slug:public_id>/approve/", order.approve, name="approve"),
    path("settings/", accounts.settings_page, name="settings"),
    path("settings/team/invite/", accounts.invite, name="invite"),
    path("settings/trading-names/add/", accounts.add_trading_name, name="add_trading_name"),
    path("settings/trading-names/<slug:public_id>/", accounts.edit_trading_name, name="edit_trading_name"),
]
