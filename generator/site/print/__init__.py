"""Documents to be printed: PDF with the Chinese font embedded, the same bytes on every machine."""
