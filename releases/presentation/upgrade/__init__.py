"""Verdicts and upgrade plans: pages, files and sentences."""
