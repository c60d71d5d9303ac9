#!/usr/bin/env python
"""Needs Django==1.8 or later."""
import os

from setuptools import find_packages, setup

COMMON = ["requests==2.25.1", "six"]
docs_require = ("sphinx>=3,<4",)
here = os.path.dirname(__file__)
numpy = "numpy==1.19.5"

setup(
    name="acme-billing",
    version="1.2.0",
    packages=find_packages(),
    python_requires=">=3.6, <3.7",
    install_requires=COMMON + [
        "Django>=2.2,<2.3",  # flask==1.0
        "pillow" + (">=8" if os.name == "nt" else ""),
    ],
    setup_requires="""
        setuptools_scm==5.0.2
    """,
    extras_require={
        "docs": docs_require,
        "dev": [*COMMON, open("dev.txt").read()],
    },
    entry_points={"console_scripts": ["celery==4.0"]},
    classifiers=["Programming Language :: Python :: 2.7"],
)
