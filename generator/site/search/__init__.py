"""The search index: folding, grams, postings and packs, written as scripts of data."""
