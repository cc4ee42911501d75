"""The catalog."""

from django.urls import path

from catalog.views import categories, customer_products, files, product_models, tables

app_name = "catalog"
urlpatterns = [
    path("", categories.products, name="products"),
    path("categories/add/", categories.add_category, name="add_category"),
    path("categories/<slug:public_id>/", categories.edit_category, name="edit_category"),
    path("categories/<slug:public_id>/move/", categories.move, name="move_category"),
    path("categories/<slug:public_id>/picture/", files.category_picture, name="category_picture"),
    path("models/add/", product_models.add_product_model, name="add_product_model"),
    path("models/<slug:public_id>/", product_models.product_model, name="product_model"),
    path("models/<slug:public_id>/edit/", product_models.edit_product_model, name="edit_product_model"),
    path("models/<slug:public_id>/areas/add/", product_models.add_print_area, name="add_print_area"),
    path("areas/<slug:public_id>/edit/", product_models.edit_print_area, name="edit_print_area"),
    path("areas/<slug:public_id>/delete/", product_models.delete_print_area, name="delete_print_area"),
    path("models/<slug:public_id>/variants/add/", product_models.add_variant, name="add_variant"),
    path("variants/<slug:public_id>/edit/", product_models.edit_variant, name="edit_variant"),
    path("models/<slug:public_id>/mockups/add/", product_models.add_mockup, name="add_mockup"),
    path("mockups/<slug:public_id>/edit/", product_models.edit_mockup, name="edit_mockup"),
    path("mockups/<slug:public_id>/delete/", product_models.delete_mockup, name="delete_mockup"),
    path("mockups/<slug:public_id>/picture/", files.mockup_picture, name="mockup_picture"),
    path("models/<slug:public_id>/products/add/", customer_products.add_customer_product, name="add_customer_product"),
    path("models/<slug:public_id>/designs/add/", files.add_design, name="add_design"),
    path("products/<slug:public_id>/", customer_products.customer_product, name="customer_product"),
    path("products/<slug:public_id>/edit/", customer_products.edit_customer_product, name="edit_customer_product"),
    path("products/<slug:public_id>/prices/", customer_products.prices, name="prices"),
    path("access/", customer_products.access, name="access"),
    path("spreadsheets/", tables.tables, name="tables"),
    path("spreadsheets/<slug:kind>.<slug:ending>", tables.export, name="export"),
    path("spreadsheets/<slug:public_id>/", tables.catalog_import, name="catalog_import"),
    path("spreadsheets/<slug:public_id>/apply/", tables.apply, name="apply_import"),
    path("files/<slug:public_id>/preview/", files.preview, name="preview"),
    path("files/<slug:public_id>/", files.download, name="print_file"),
]
