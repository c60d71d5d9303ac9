"""Product files and files of upgrade notes: YAML front matter with a Markdown body."""
