"""Advertising platforms: what they offer, how they are asked, what their answers mean."""
