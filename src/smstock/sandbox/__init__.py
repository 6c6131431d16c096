"""A simulated world of known stocks, and the platforms' servers in front of it: the whole job without a credential."""
