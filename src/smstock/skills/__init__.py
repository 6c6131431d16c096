"""Skill profiles: who the members of a professional network are, schooled in one country and living in another."""
