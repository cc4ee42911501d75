"""The catalog."""

from django.urls import path

from catalog.views import dashboard, files

app_name = "catalog"
urlpatterns = [
    path("", dashboard.products, name="products"),
    path("categories/add/", dashboard.add_category, name="add_category"),
    path("categories/<slug:public_id>/", dashboard.edit_category, name="edit_category"),
    path("models/add/", dashboard.add_product_model, name="add_product_model"),
    path("models/<slug:public_id>/", dashboard.product_model, name="product_model"),
    path("models/<slug:public_id>/edit/", dashboard.edit_product_model, name="edit_product_model"),
    path("models/<slug:public_id>/areas/add/", dashboard.add_print_area, name="add_print_area"),
    path("areas/<slug:public_id>/edit/", dashboard.edit_print_area, name="edit_print_area"),
    path("models/<slug:public_id>/products/add/", dashboard.add_customer_product, name="add_customer_product"),
    path("models/<slug:public_id>/designs/add/", files.add_design, name="add_design"),
    path("products/<slug:public_id>/", dashboard.customer_product, name="customer_product"),
    path("products/<slug:public_id>/edit/", dashboard.edit_customer_product, name="edit_customer_product"),
    path("files/<slug:public_id>/preview/", files.preview, name="preview"),
    path("files/<slug:public_id>/", files.download, name="print_file"),
]
