"""The fault matrix: what happens to orders while things die around them (docs/faults.md)."""
