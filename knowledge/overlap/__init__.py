"""Which initiatives meet, how, and why.

Records become `Profile`s, profiles become columns (`Corpus`). Candidate pairs come from blocks of place, text and
organisations (`candidates`), each pair has named evidence (`evidence`), and a small model whose parameters anybody can
read says what the two are to each other (`decision`).
"""
