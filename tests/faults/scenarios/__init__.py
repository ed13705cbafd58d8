"""The scenarios of `chaos.py`: a file for each kind of fault, a function for each scenario."""
