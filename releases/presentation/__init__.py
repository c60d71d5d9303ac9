"""View models: the content of pages, files, images and API responses, without HTTP."""
