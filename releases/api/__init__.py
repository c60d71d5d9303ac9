"""The API: answers for programs. `frame` holds what every version of it has in common."""
