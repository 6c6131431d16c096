"""Fusion over time: one latent log stock per corridor behind official series, further sources and audiences.

`panel.panel` lines the sources up, `fit.fit` learns the parameters, `nowcast.nowcast` estimates, `intervals.reach`
learns from past errors how far intervals must reach. The model itself stands in `state` and `filter`.
"""
