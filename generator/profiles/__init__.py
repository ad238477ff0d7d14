"""Which law a province discloses under, and what follows from it for tables, terms and words."""
