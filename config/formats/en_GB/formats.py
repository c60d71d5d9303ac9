"""Dates in forms are ISO 8601, and times have 24 hours, unlike in Django's formats for English."""

DATE_INPUT_FORMATS = ["%Y-%m-%d"]
DATETIME_INPUT_FORMATS = ["%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M"]
DATETIME_FORMAT = "j M Y, H:i"
TIME_FORMAT = "H:i"
