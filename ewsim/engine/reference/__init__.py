"""The slow engine, one SimPy process a handset: the oracle that the tests compare with."""
