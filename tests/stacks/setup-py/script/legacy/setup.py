import setuptools

requirements = [
    "celery==4.4.7",
]

if __name__ == "__main__":
    setuptools.setup(
        name="worker",
        install_requires=requirements,
    )
