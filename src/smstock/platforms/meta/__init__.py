"""Meta (Facebook, Instagram): targeting specs out, delivery and reach estimates in."""
