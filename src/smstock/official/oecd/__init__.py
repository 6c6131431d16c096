"""OECD: the International Migration Database, education by place of birth, and DIOC."""
