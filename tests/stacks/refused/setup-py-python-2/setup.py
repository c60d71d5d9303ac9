from setuptools import setup
print "Installing"
setup(install_requires=["Django==1.4"])
