"""The walls around these tables: tenants, what narrowed scopes see, and what the audit trail keeps."""

from django.db import migrations

from pod_hub.core.audit import Audit
from pod_hub.core.narrowing import Always, ByColumns, Never, Through
from pod_hub.core.walls import Narrow, RaiseWall


class Migration(migrations.Migration):
    replaces = [
        ("catalog", "0001_initial"),
        ("catalog", "0002_narrowed"),
        ("catalog", "0003_audit"),
        ("catalog", "0004_artwork"),
        ("catalog", "0005_checked_files"),
        ("catalog", "0006_edits"),
        ("catalog", "0007_imports"),
        ("catalog", "0008_areas_used"),
        ("catalog", "0009_designs_that_misfit"),
        ("catalog", "0010_sizes_of_print_files"),
        ("catalog", "0011_designs_begun_for"),
    ]
    dependencies = [("catalog", "0001_tables"), ("accounts", "0002_walls")]
    operations = [
        RaiseWall(
            "Category",
            "CustomerProduct",
            "PrintFile",
            "ProductFacility",
            "ProductGrant",
            "ProductModel",
            "Design",
            "Artwork",
            "CustomerPrice",
            "PrintArea",
            "Variant",
            "Mockup",
            "DesignSheet",
            "SheetArtwork",
            "RenderJob",
            "CatalogImport",
        ),
        Narrow("catalog.Category", Always()),
        Narrow("catalog.ProductModel", Always()),
        Narrow("catalog.ProductGrant", ByColumns(customer="customer_id", writes=False)),
        Narrow("catalog.ProductFacility", ByColumns(facility="facility_id", writes=False)),
        Narrow("catalog.Design", ByColumns(customer="customer_id")),
        Narrow("catalog.PrintArea", Always()),
        Narrow("catalog.Variant", Always()),
        Narrow("catalog.Mockup", Always()),
        Narrow("catalog.CustomerPrice", ByColumns(customer="customer_id", writes=False)),
        Narrow("catalog.Artwork", ByColumns(customer="customer_id")),
        Narrow("catalog.DesignSheet", Through("design")),
        Narrow("catalog.SheetArtwork", Through("sheet")),
        Narrow("catalog.RenderJob", Through("sheet")),
        Narrow("catalog.CatalogImport", Never()),
        Audit("ProductGrant"),
        Audit("ProductFacility"),
        Audit("Category", label="name"),
        Audit("CustomerProduct", label="name"),
        Audit("CustomerPrice"),
        Audit("PrintArea", label="name"),
        Audit("Variant", label="sku"),
        Audit("Mockup"),
        Audit("ProductModel", label="name", ignored=("judged_revision",)),
        Audit("Design", label="name", ignored=("created_at", "saved_at", "state", "edits", "areas_used", "judged_revision", "misfits", "begun_for")),
    ]
