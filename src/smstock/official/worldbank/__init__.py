"""World Bank: indicators from the service, the download and DataBank, and the Global Bilateral Migration database."""
