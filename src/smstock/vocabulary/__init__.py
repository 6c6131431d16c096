"""The words every room shares: areas, facets, statuses, dates. Standard library only."""
