"""Official statistics: files of the providers in, stock and population tables out."""
