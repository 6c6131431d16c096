"""US Census Bureau: the foreign-born by place of birth, American Community Survey table B05006."""
