"""Collecting: a journal of raw answers, a runner that fills it, a wave read out of it."""
