"""The catalog as tables that people keep in a spreadsheet: what stands in which column, written and read by the same words.

``kinds.py`` maps a kind of table to its ``CatalogTable``. A table's ``plan`` reads rows into changes without changing anything; ``CatalogImport`` (services/importing.py)
shows them, and applies them when somebody says yes.
"""
