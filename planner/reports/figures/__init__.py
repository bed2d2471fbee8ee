"""Report figures: SVG drawn on the server, readable without a script, a font file or a network."""
