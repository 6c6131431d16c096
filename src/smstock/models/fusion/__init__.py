"""Fusion over time: one latent log stock per corridor behind official series, further sources and audiences.

`panel.panel` lines the sources up, `fit.fit` learns the parameters, `forecast.stocks_at` estimates. The model itself
stands in `state` and `filter`.
"""
