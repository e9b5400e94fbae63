"""The examinations of `gateline doctor`. Each gives lines that say what is well, what may bite, and what is broken."""
