"""Responsive images for static sites. The program is `planche`; this package spreads its work."""
