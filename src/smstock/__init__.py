"""smstock estimates migrant stocks from the audiences that advertising platforms report.

The front door for Python users is :mod:`smstock.workflows`; the command line is a thin layer over it.
Nothing heavy is imported here, so that ``import smstock`` costs milliseconds.
"""

__version__ = "0.1.0"
