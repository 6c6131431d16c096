"""UN DESA, Population Division: International Migrant Stock and World Population Prospects."""
