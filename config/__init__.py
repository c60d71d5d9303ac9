"""Settings, logging and serving of the project."""
