postgres_version = "12.7"
